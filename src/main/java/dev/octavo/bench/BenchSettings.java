package dev.octavo.bench;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.program.Precision;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a benchmark.
 *
 * @param models bundles, and files of plain TorchScript ({@code .pt}) or ONNX ({@code .onnx})
 *     models
 * @param precisions of float bundles; int8 bundles are always timed as int8
 * @param batchSizes images per call
 * @param plainFiles what to do with plain TorchScript and ONNX models, which are programs
 * @param threads that libtorch uses
 * @param imageSize height and width of the images of plain TorchScript and ONNX models
 * @param perModel how long to measure each model, precision and batch size
 * @param out the JSON file to write
 */
@RecordBuilder
public record BenchSettings(
    List<Path> models,
    List<Precision> precisions,
    List<Integer> batchSizes,
    PlainFiles plainFiles,
    int threads,
    int imageSize,
    Duration perModel,
    Path out) {
  /** The treatment of files that are programs. */
  public enum PlainFiles {
    /** Refuse them. */
    REFUSE,
    /** Run them: they may do whatever this process may. */
    TRUST
  }

  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if something is missing or out of range
   */
  public BenchSettings {
    models = List.copyOf(models);
    precisions = List.copyOf(precisions);
    batchSizes = List.copyOf(batchSizes);
    Objects.requireNonNull(out, "out");
    if (models.isEmpty()) {
      throw new OctavoException.Usage("there is no model to time: pass --model");
    }
    if (plainFiles == PlainFiles.REFUSE) {
      models.stream()
          .filter(BenchSettings::isProgram)
          .findFirst()
          .ifPresent(
              file -> {
                throw new OctavoException.Usage(
                    "--model %s: .pt files are programs, which may read and write files as you may: pass --trust-programs if you trust who made it"
                        .formatted(file));
              });
    }
    InvalidSetting.require(
        !batchSizes.isEmpty() && batchSizes.stream().allMatch(b -> b >= 1 && b <= 1024),
        "batchSizes",
        batchSizes,
        "numbers from 1 to 1024");
    InvalidSetting.require(threads >= 1, "threads", threads, "at least 1");
    InvalidSetting.require(
        !perModel.isNegative() && !perModel.isZero(),
        "seconds",
        perModel.toMillis() / 1e3,
        "above 0");
  }

  /** The models, which the result may neither replace nor lie in. */
  public List<Input> inputs() {
    return models.stream().map(model -> Input.of("--model", model)).toList();
  }

  /** Returns whether a path names a file of code. */
  static boolean isProgram(Path model) {
    return model.getName().endsWith(".pt");
  }
}
