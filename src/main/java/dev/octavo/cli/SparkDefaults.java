package dev.octavo.cli;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The properties file with Spark's settings, for a driver that {@code jobs/*} start without
 * spark-submit. It is named by a system property; as with spark-submit, keys that begin with {@code
 * spark.} count, and what the command line set comes first.
 */
final class SparkDefaults {
  static final String FILE = "octavo.spark-defaults";

  private SparkDefaults() {}

  /**
   * Makes the settings system properties, from which Spark takes them; does nothing where no file
   * is named.
   *
   * @throws OctavoException.Usage if the file can't be read
   */
  static void load() {
    String name = System.getProperty(FILE);
    if (name == null) {
      return;
    }
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(name))) {
      settings.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new OctavoException.Usage(
          "Can't read the file of Spark's settings, %s: %s".formatted(name, e.getMessage()));
    }
    for (String key : settings.stringPropertyNames()) {
      if (key.startsWith("spark.") && System.getProperty(key) == null) {
        System.setProperty(key, settings.getProperty(key).strip());
      }
    }
  }
}
