package dev.octavo.export;

import dev.octavo.artifact.Destination.Input;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of an export.
 *
 * @param model a model bundle
 * @param format of the file
 * @param out the file to write
 */
public record ExportSettings(Path model, Format format, Path out) {
  /** The formats of files. */
  public enum Format {
    /** A graph with weights, class names and preprocessing. */
    ONNX,
    /** A float model's state dict, as {@code torch.save} writes it. */
    PTH,
    /** A float model's state dict. */
    SAFETENSORS
  }

  /** Checks that nothing is missing. */
  public ExportSettings {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(out, "out");
  }

  /** The inputs that are read. */
  public List<Input> inputs() {
    return List.of(Input.of("--model", model));
  }
}
