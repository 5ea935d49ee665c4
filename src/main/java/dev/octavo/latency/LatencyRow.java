package dev.octavo.latency;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.Serializable;
import java.util.List;

/**
 * The latency of one model in one precision at one batch size.
 *
 * @param model its name
 * @param precision as in {@code int8}
 * @param batchSize images per call
 * @param threads that libtorch used
 * @param cpuFeatures of the machine, as in {@code avx512_vnni}
 * @param msPerImage median over calls of the milliseconds per image
 * @param imagesPerSecond {@code 1000 / msPerImage}
 * @param p10 milliseconds per image that a tenth of the calls stay below
 * @param p90 milliseconds per image that nine tenths of the calls stay below
 */
@JsonPropertyOrder({
  "model",
  "precision",
  "batchSize",
  "threads",
  "cpuFeatures",
  "msPerImage",
  "imagesPerSecond",
  "p10",
  "p90"
})
@RecordBuilder
public record LatencyRow(
    String model,
    String precision,
    int batchSize,
    int threads,
    List<String> cpuFeatures,
    double msPerImage,
    double imagesPerSecond,
    double p10,
    double p90)
    implements Serializable {
  /** Copies the list. */
  public LatencyRow {
    cpuFeatures = List.copyOf(cpuFeatures);
  }
}
