package dev.octavo.bundle;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Manifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The {@code calibration.json} of a quantized bundle: the histogram of each activation that was
 * observed, and the range that each method chooses in it.
 *
 * @param method whose ranges the model has
 * @param activations in execution order
 */
@JsonPropertyOrder({"method", "activations"})
public record CalibrationRecord(String method, List<Activation> activations) {
  /** The file's name within the bundle. */
  public static final String FILE_NAME = "calibration.json";

  /** Bins of a histogram. */
  public static final int BINS = 64;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Copies the list. */
  public CalibrationRecord {
    activations = List.copyOf(activations);
  }

  /**
   * One activation.
   *
   * @param layer whose output it is
   * @param low lower edge of the first bin
   * @param high upper edge of the last bin
   * @param signal sum of the values' squares
   * @param counts values in each of {@link #BINS} equally wide bins
   * @param ranges one per method
   */
  @JsonPropertyOrder({"layer", "low", "high", "signal", "counts", "ranges"})
  public record Activation(
      String layer,
      double low,
      double high,
      double signal,
      List<Long> counts,
      List<ChosenRange> ranges) {
    /** Copies the lists. */
    public Activation {
      counts = List.copyOf(counts);
      ranges = List.copyOf(ranges);
    }

    /** The range of a method; empty where it chose none. */
    public Optional<ChosenRange> range(String method) {
      return ranges.stream().filter(range -> range.method().equals(method)).findFirst();
    }
  }

  /**
   * A range that a method chose.
   *
   * @param method as in {@code mse}
   * @param low the real of the first code
   * @param high the real of the last code
   * @param noise sum of the squared errors of quantizing the values to it and back
   */
  @JsonPropertyOrder({"method", "low", "high", "noise"})
  public record ChosenRange(String method, double low, double high, double noise) {}

  /** The file's text. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings and numbers", e);
    }
  }

  /**
   * Reads that of a bundle; empty for a float model.
   *
   * @throws OctavoException if the file isn't the one that was published
   */
  public static Optional<CalibrationRecord> read(Configuration conf, Path bundle, Manifest manifest)
      throws IOException {
    if (!manifest.files().containsKey(FILE_NAME)) {
      return Optional.empty();
    }
    String json = ArtifactFiles.text(conf, bundle, manifest, FILE_NAME);
    try {
      return Optional.of(JSON.readValue(json, CalibrationRecord.class));
    } catch (JsonProcessingException e) {
      throw new OctavoException(
          "%s is not as quantize writes it: %s"
              .formatted(
                  new Path(bundle, FILE_NAME),
                  e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
  }
}
