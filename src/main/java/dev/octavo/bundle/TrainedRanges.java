package dev.octavo.bundle;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Manifest;
import dev.octavo.program.QuantParams;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The {@code ranges.json} of a model that was trained quantization-aware: the mappings of
 * activations that training simulated, and the calibration that they came from. {@code quantize}
 * takes them over.
 *
 * @param activations by node
 * @param calibration of the model that training started from
 */
@JsonPropertyOrder({"activations", "calibration"})
public record TrainedRanges(List<Activation> activations, CalibrationRecord calibration) {
  /** The file's name within the bundle. */
  public static final String FILE_NAME = "ranges.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Copies the list. */
  public TrainedRanges {
    activations = List.copyOf(activations);
  }

  /**
   * The mapping of one activation.
   *
   * @param node index of the node that it is the output of
   * @param scale real value of one step
   * @param zeroPoint the code of zero
   */
  @JsonPropertyOrder({"node", "scale", "zeroPoint"})
  public record Activation(int node, float scale, int zeroPoint) {}

  /** Those of an int8 model. */
  public static TrainedRanges of(QuantizedNetwork network, CalibrationRecord calibration) {
    return new TrainedRanges(
        new TreeMap<>(network.activations())
            .entrySet().stream()
                .map(
                    e -> new Activation(e.getKey(), e.getValue().scale(), e.getValue().zeroPoint()))
                .toList(),
        calibration);
  }

  /** The mappings by node. */
  public Map<Integer, QuantParams> mappings() {
    Map<Integer, QuantParams> mappings = new HashMap<>();
    for (Activation a : activations) {
      mappings.put(a.node(), new QuantParams(a.scale(), a.zeroPoint()));
    }
    return mappings;
  }

  /** The file's text. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings and numbers", e);
    }
  }

  /**
   * Reads that of a bundle; empty for a model that was trained otherwise.
   *
   * @throws OctavoException if the file isn't the one that was published
   */
  public static Optional<TrainedRanges> read(Configuration conf, Path bundle, Manifest manifest)
      throws IOException {
    if (!manifest.files().containsKey(FILE_NAME)) {
      return Optional.empty();
    }
    String json = ArtifactFiles.text(conf, bundle, manifest, FILE_NAME);
    try {
      TrainedRanges ranges = JSON.readValue(json, TrainedRanges.class);
      ranges.mappings(); // refuses what is no mapping
      return Optional.of(ranges);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new OctavoException(
          "%s is not as train writes it: %s"
              .formatted(
                  new Path(bundle, FILE_NAME), e.getMessage().lines().findFirst().orElse("")),
          e);
    }
  }
}
