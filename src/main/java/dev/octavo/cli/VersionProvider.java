package dev.octavo.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The line that {@code --version} prints. Loads no class of Spark, which would take seconds. */
final class VersionProvider implements IVersionProvider {
  private static final String SPARK = "spark-version-info.properties";

  @Override
  public String[] getVersion() throws IOException {
    String octavo = VersionProvider.class.getPackage().getImplementationVersion();
    return new String[] {
      "Octavo %s (Spark %s, Java %s, %s %s)"
          .formatted(
              octavo == null ? "development" : octavo,
              sparkVersion(),
              Runtime.version(),
              System.getProperty("os.name"),
              System.getProperty("os.arch"))
    };
  }

  private static String sparkVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = VersionProvider.class.getClassLoader().getResourceAsStream(SPARK)) {
      if (in != null) {
        properties.load(in);
      }
    }
    return properties.getProperty("version", "missing");
  }
}
