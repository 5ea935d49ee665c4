package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a scoring run.
 *
 * @param models bundles and ONNX files; the first is what the others are compared with
 * @param source of the images
 * @param out where the scores go
 * @param ifExists whether scores of the same run that are there are added to, or replaced
 * @param batchSize images per call of a model
 * @param outputs what a prediction holds
 * @param precision of float bundles; int8 bundles are always int8
 * @param cpu what to do where a CPU can't compute an int8 program exactly
 * @param limits on files and images
 * @param decodeTime after which an image that is still being decoded is given up
 * @param commitFiles how many files are committed together
 * @param latencyTime how long to measure each model at each batch size of the results table; zero:
 *     not at all
 * @param table that the predictions are appended to, too
 * @param onnx what ONNX files among the models don't say of themselves
 */
@RecordBuilder
public record ScoreSettings(
    List<Path> models,
    InputSource source,
    Path out,
    IfExists ifExists,
    int batchSize,
    Outputs outputs,
    Precision precision,
    CpuPolicy cpu,
    DecodeLimits limits,
    Duration decodeTime,
    int commitFiles,
    Duration latencyTime,
    Optional<OutputTable> table,
    Optional<OnnxOptions> onnx) {
  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if there is no model, one twice, or a number is out of range
   */
  public ScoreSettings {
    // A Path made of a string, unlike one made of a URI, has no slash at its end.
    models = models.stream().map(model -> new Path(model.toString())).toList();
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(cpu, "cpu");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(decodeTime, "decodeTime");
    Objects.requireNonNull(latencyTime, "latencyTime");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(onnx, "onnx");
    if (models.isEmpty()) {
      throw new OctavoException.Usage("there is no model to score with: pass --model");
    }
    if (new HashSet<>(models).size() < models.size()) {
      throw new OctavoException.Usage("the same --model is given twice: " + models);
    }
    InvalidSetting.require(commitFiles >= 1, "commitFiles", commitFiles, "at least 1");
    InvalidSetting.require(
        precision != Precision.INT8,
        "precision",
        Precision.INT8.id(),
        "that of float models (fp32, bf16 or portable): for int8 pass an int8 model");
  }

  /** The inputs, which must not be written over. */
  public List<Input> inputs() {
    List<Input> inputs = new ArrayList<>(source.inputs());
    models.forEach(model -> inputs.add(Input.of("--model", model)));
    onnx.flatMap(OnnxOptions::classes)
        .ifPresent(classes -> inputs.add(Input.of("--classes", classes)));
    return inputs;
  }
}
