package dev.octavo.results;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.OctavoException;
import dev.octavo.latency.LatencyRow;
import dev.octavo.metrics.ConfusionMatrix;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The {@code metrics.json} of a scores artifact.
 *
 * @param inputs files or rows that were scored; each has one row per model
 * @param wallMillis elapsed time of the scoring job
 * @param models in the order given; the first is what the others are compared with
 * @param agreement for each pair of models with the same classes
 */
@JsonPropertyOrder({"inputs", "wallMillis", "models", "agreement"})
public record ScoreMetrics(
    long inputs, long wallMillis, List<ModelMetrics> models, List<Agreement> agreement) {

  /** The file's name within the artifact. */
  public static final String FILE_NAME = "metrics.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Copies the lists. */
  public ScoreMetrics {
    models = List.copyOf(models);
    agreement = List.copyOf(agreement);
  }

  /**
   * The metrics of one model.
   *
   * @param name that tells it from the other models
   * @param path of its bundle
   * @param precision as in {@code int8}
   * @param network as in {@code resnet50}
   * @param imageSize height and width of its input
   * @param fileBytes size of the bundle's {@code model.pt}
   * @param images inputs with a prediction
   * @param failures inputs with an error
   * @param accuracy {@code null} where no label is known
   * @param latency measured on one executor after the run
   */
  @JsonPropertyOrder({
    "name",
    "path",
    "precision",
    "network",
    "imageSize",
    "fileBytes",
    "images",
    "failures",
    "accuracy",
    "latency"
  })
  @RecordBuilder
  public record ModelMetrics(
      String name,
      String path,
      String precision,
      String network,
      int imageSize,
      long fileBytes,
      long images,
      long failures,
      Accuracy accuracy,
      List<LatencyRow> latency) {
    /** Copies the list. */
    public ModelMetrics {
      latency = List.copyOf(latency);
    }

    /** The latency at a batch size, if it was measured. */
    public Optional<LatencyRow> latencyAt(int batchSize) {
      return latency.stream().filter(row -> row.batchSize() == batchSize).findFirst();
    }
  }

  /**
   * The accuracy of a model, over the predictions whose truth is known.
   *
   * @param labelled how many these are
   * @param top1 share whose most probable class is the true one
   * @param top5 share whose true class is among the five most probable
   * @param meanPerClass mean over the classes of the share of their samples that was recognised
   * @param classes their names; positions are the indices in {@code confusion}
   * @param confusion cells that are not 0
   */
  @JsonPropertyOrder({"labelled", "top1", "top5", "meanPerClass", "classes", "confusion"})
  public record Accuracy(
      long labelled,
      double top1,
      double top5,
      double meanPerClass,
      List<String> classes,
      List<ConfusionMatrix.Cell> confusion) {
    /** Copies the lists. */
    public Accuracy {
      classes = List.copyOf(classes);
      confusion = List.copyOf(confusion);
    }

    /** The cells as a matrix. */
    public ConfusionMatrix matrix() {
      return ConfusionMatrix.of(classes.size(), confusion);
    }
  }

  /**
   * The agreement of two models, over the images that both predict.
   *
   * @param first one model's name
   * @param second the other's
   * @param images that both predict
   * @param same how many of them get the same class
   */
  @JsonPropertyOrder({"first", "second", "images", "same"})
  public record Agreement(String first, String second, long images, long same) {}

  /** The JSON, with a line feed at the end. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this).replace("\r\n", "\n") + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("metrics hold only records, strings and numbers", e);
    }
  }

  /** Reads {@link #toJson} back; {@code source} names the file in the error. */
  public static ScoreMetrics fromJson(String json, Path source) {
    try {
      return JSON.readValue(json, ScoreMetrics.class);
    } catch (JsonProcessingException e) {
      throw new OctavoException(
          "%s does not hold metrics that this version of Octavo understands: %s"
              .formatted(source, e.getOriginalMessage()),
          e);
    }
  }
}
