package dev.octavo.inference;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.OnnxClassifier;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.Precision;
import java.io.Serializable;
import java.util.List;

/**
 * A model and how it is run.
 *
 * @param name that tells it from the other models of the run
 * @param path of its bundle or file
 * @param id of its content: another model at the same path is another model
 * @param run what runs it
 */
public record ModelSpec(String name, String path, String id, Run run) implements Serializable {
  /** The engine that runs a model, with its settings. */
  public sealed interface Run extends Serializable {
    /** The name in rows of what it computes in, as in {@code int8}. */
    String precisionName();
  }

  /**
   * A bundle's program, in libtorch.
   *
   * @param precision what it computes in
   * @param cpu what to do where a CPU can't compute it exactly
   */
  public record Program(Precision precision, CpuPolicy cpu) implements Run {
    @Override
    public String precisionName() {
      return precision.id();
    }
  }

  /**
   * An ONNX file, in ONNX Runtime.
   *
   * @param precisionName what it computes in
   * @param classes names in the order of the logits
   * @param preprocessing from images to what it takes
   * @param temperature of its confidence
   */
  public record Onnx(
      String precisionName,
      List<String> classes,
      Preprocessing preprocessing,
      Temperature temperature)
      implements Run {
    /** Copies the list. */
    public Onnx {
      classes = List.copyOf(classes);
    }
  }

  /**
   * The model that is to run.
   *
   * @param wanted what a float bundle computes in; a quantized one knows only int8
   * @param cpu what to do where a CPU can't compute a bundle exactly
   */
  public static ModelSpec of(String name, ImageClassifier model, Precision wanted, CpuPolicy cpu) {
    Run run =
        model instanceof ModelBundle bundle
            ? new Program(bundle.precision(wanted), cpu)
            : onnx((OnnxClassifier) model);
    return new ModelSpec(name, model.path().toString(), model.id(), run);
  }

  private static Onnx onnx(OnnxClassifier model) {
    return new Onnx(
        model.precisionName(), model.classes(), model.preprocessing(), model.temperature());
  }

  /** The name in rows of what it computes in, as in {@code int8}. */
  public String precisionName() {
    return run.precisionName();
  }
}
