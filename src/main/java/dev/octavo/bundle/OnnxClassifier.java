package dev.octavo.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.OctavoException;
import dev.octavo.artifact.Entries;
import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import dev.octavo.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * An ONNX file with what is needed to classify images with it: what {@code jobs/export} wrote into
 * the file, or what the user says of another one.
 *
 * @param file what it takes and gives
 * @param id of the file, the classes and the preprocessing
 * @param classes names in the order of the logits
 * @param preprocessing from images to what it takes
 * @param temperature of its confidence, where the file came from a calibrated bundle
 * @param fileBytes its size, that of weights beside it included
 */
public record OnnxClassifier(
    OnnxFile file,
    String id,
    List<String> classes,
    Preprocessing preprocessing,
    Temperature temperature,
    long fileBytes)
    implements ImageClassifier {
  /** The key of the class names in a model's metadata, one a line. */
  public static final String CLASSES = "classes";

  private static final String NETWORK = "network";

  /** A key that Octavo writes, and nobody else. */
  private static final String OWN_KEY = "preprocessing.cropSize";

  /** Height and width where neither the model nor the user says them. */
  private static final int USUAL_SIZE = 224;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The entries of a model that say how images are prepared for it and how sure it is.
   *
   * @param preprocessing from images to what the network takes
   * @param confidenceTemperature what its logits are divided by; empty if it was not calibrated
   */
  private record Described(Preprocessing preprocessing, Optional<Double> confidenceTemperature) {
    Described {
      confidenceTemperature.ifPresent(
          t ->
              OctavoException.InvalidSetting.require(
                  t > 0 && Double.isFinite(t), "confidenceTemperature", t, "above 0 and finite"));
    }
  }

  /**
   * Opens a file.
   *
   * @param options what it doesn't say of itself
   * @throws OctavoException if it isn't what can be scored with, or its classes have no names
   */
  public static OnnxClassifier open(Configuration conf, Path path, Optional<OnnxOptions> options)
      throws IOException {
    OnnxFile file = OnnxFile.open(conf, path);
    Map<String, String> metadata = file.model().graph().metadata();
    boolean own = metadata.containsKey(OWN_KEY);
    Described described =
        own
            ? RecordEntries.read(Described.class, entries(path, metadata))
            : new Described(preprocessing(file, options), Optional.empty());
    Preprocessing preprocessing = described.preprocessing();
    file.input()
        .size()
        .ifPresent(
            size -> {
              if (size != preprocessing.cropSize()) {
                throw new OctavoException.Usage(
                    "%s takes images of %d pixels, not of %d (--image-size)"
                        .formatted(path, size, preprocessing.cropSize()));
              }
            });
    List<String> classes =
        own && metadata.containsKey(CLASSES)
            ? metadata.get(CLASSES).lines().toList()
            : named(conf, path, options);
    OptionalInt logits = file.classes();
    if (logits.isPresent() && logits.getAsInt() != classes.size()) {
      throw new OctavoException.Usage(
          "%s gives %d numbers an image, but %d classes are named: --classes must list one a line, in their order"
              .formatted(path, logits.getAsInt(), classes.size()));
    }
    return new OnnxClassifier(
        file,
        id(file.sha256(conf), classes, preprocessing),
        classes,
        preprocessing,
        described.confidenceTemperature().map(Temperature::new).orElse(Temperature.ONE),
        file.bytes(conf));
  }

  /** The metadata with numbers and lists as such: a model has only texts. */
  private static Entries entries(Path path, Map<String, String> metadata) {
    Map<String, Object> values = new HashMap<>();
    metadata.forEach(
        (key, text) -> {
          try {
            values.put(key, JSON.readValue(text, Object.class));
          } catch (JsonProcessingException e) {
            values.put(key, text);
          }
        });
    return new Entries("the metadata of " + path, values);
  }

  private static Preprocessing preprocessing(OnnxFile file, Optional<OnnxOptions> options) {
    Preprocessing usual =
        file.input().size().isPresent()
            ? Preprocessing.ofSize(file.input().size().getAsInt())
            : Preprocessing.ofSize(USUAL_SIZE);
    if (options.isEmpty()) {
      return usual;
    }
    OnnxOptions said = options.get();
    boolean normalises =
        !said.preprocessing().mean().isEmpty() || !said.preprocessing().std().isEmpty();
    if (normalises && file.input().dtype() == DType.UINT8) {
      throw new OctavoException.Usage(
          "%s takes pixels as they are and normalises them itself: leave --mean and --std out"
              .formatted(file.path()));
    }
    return said.preprocessing().over(usual);
  }

  private static List<String> named(Configuration conf, Path path, Optional<OnnxOptions> options)
      throws IOException {
    Optional<Path> list = options.flatMap(OnnxOptions::classes);
    if (list.isEmpty()) {
      throw new OctavoException.Usage(
          "%s doesn't name its classes: give --classes FILE, one a line in the order of its logits"
              .formatted(path));
    }
    return ClassList.read(conf, list.get());
  }

  private static String id(String content, List<String> classes, Preprocessing preprocessing) {
    String all = "%s\n%s\n%s".formatted(content, preprocessing, String.join("\n", classes));
    return "sha256:" + Hashes.sha256(all.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public String networkName() {
    return file.model().graph().metadata().getOrDefault(NETWORK, "ONNX model");
  }

  /** Its precision in rows: {@code onnx}, or {@code onnx-int8} if it is quantized. */
  public String precisionName() {
    return file.model().graph().quantizedOperator().isPresent() ? "onnx-int8" : "onnx";
  }
}
