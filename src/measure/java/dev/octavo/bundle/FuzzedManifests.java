package dev.octavo.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.inference.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Opens a bundle whose manifest holds odd values: numbers out of any range, other types, foreign
 * names, missing and doubled entries, half of them with an id that fits. Each must be refused in
 * one printable line, or opened, within a second; run it with little heap, as in {@code
 * JAVA_OPTS=-Xmx256m .ci/measure dev.octavo.bundle.FuzzedManifests 1 600}. Arguments: the first
 * seed, seconds. The seed of a manifest that does something else is printed, and replays it.
 */
public final class FuzzedManifests {
  private static final String[] ODD = {
    "-1",
    "0",
    "1",
    "2147483648",
    "9223372036854775807",
    "1e308",
    "-1e-308",
    "0.5",
    "null",
    "true",
    "\"\"",
    "\"..\"",
    "\"../../../etc/passwd\"",
    "\"/dev/zero\"",
    "\"\\u001b[31m\"",
    "\"\\u202e\"",
    "\"http://127.0.0.1:1/\"",
    "\"NaN\"",
    "[]",
    "{}",
    "[[[[[[[[[[]]]]]]]]]]",
    "\"64\"",
    "20000"
  };

  private FuzzedManifests() {}

  /** Prints what was found. */
  public static void main(String[] args) throws IOException {
    long first = Long.parseLong(args[0]);
    long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000;
    Path directory = Files.createTempDirectory("octavo-manifests-");
    Path bundle = directory.resolve("model");
    var path = new org.apache.hadoop.fs.Path(bundle.toUri().toString());
    TinyModel.publish(path, List.of("a", "b"), 5);
    Path file = bundle.resolve(Manifest.FILE_NAME);
    String sound = Files.readString(file);
    Map<String, Integer> outcomes = new TreeMap<>();
    long seed = first;
    for (; System.nanoTime() < end; seed++) {
      String text = mutated(sound, new Random(seed));
      Files.writeString(file, text);
      Files.deleteIfExists(bundle.resolve(".manifest.json.crc"));
      long start = System.nanoTime();
      String outcome;
      try {
        ModelBundle.open(new Configuration(), path);
        outcome = "opened";
      } catch (OctavoException e) {
        boolean printable =
            e.getMessage().length() < 2_000
                && e.getMessage().chars().noneMatch(c -> c == '\n' || c == '\r');
        outcome = printable ? "refused" : "FAULT";
        if (!printable) {
          System.out.printf("seed %d: %s%n", seed, e.getMessage());
        }
      } catch (IOException | RuntimeException | Error e) {
        outcome = "FAULT";
        System.out.printf("seed %d: %s%n", seed, e);
      }
      if (System.nanoTime() - start > 1_000_000_000L) {
        outcome = "FAULT";
        System.out.printf("seed %d took %d ms%n", seed, (System.nanoTime() - start) / 1_000_000);
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    System.out.printf("%d manifests from seed %d: %s%n", seed - first, first, outcomes);
    org.apache.hadoop.fs.FileUtil.fullyDelete(directory.toFile());
    System.exit(outcomes.containsKey("FAULT") ? 1 : 0);
  }

  private static String mutated(String sound, Random random) throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode tree = json.readTree(sound);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes; i++) {
      List<ObjectNode> objects = new ArrayList<>();
      collect(tree, objects);
      ObjectNode object = objects.get(random.nextInt(objects.size()));
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      if (keys.isEmpty()) {
        continue;
      }
      String key = keys.get(random.nextInt(keys.size()));
      JsonNode odd = json.readTree(ODD[random.nextInt(ODD.length)]);
      switch (random.nextInt(4)) {
        case 0 -> object.remove(key);
        case 1 -> object.set(key + "x", odd);
        case 2 -> {
          ArrayNode twice = object.putArray(key);
          twice.add(odd).add(odd);
        }
        default -> object.set(key, odd);
      }
    }
    String text = json.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    if (random.nextBoolean()) {
      text = signed(json, tree, text);
    }
    if (random.nextInt(4) == 0) {
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
    return text;
  }

  /** The same with the id of its content, if it is a manifest at all. */
  private static String signed(ObjectMapper json, JsonNode tree, String text) {
    try {
      ((ObjectNode) tree).remove("id");
      return json.treeToValue(tree, Manifest.class).toJson();
    } catch (IOException | RuntimeException e) {
      return text;
    }
  }

  private static void collect(JsonNode node, List<ObjectNode> objects) {
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(child -> collect(child, objects));
  }
}
