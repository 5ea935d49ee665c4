package dev.octavo.export;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Platform;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.WholeFiles;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.OnnxClassifier;
import dev.octavo.network.Network;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The stage that writes a model bundle as one file for other programs. It needs no Spark session.
 *
 * <p>An ONNX model takes what the bundle's own program takes, {@code images: uint8 [N, size, size,
 * 3]}, and gives {@code logits} and {@code features}. Its metadata are the bundle's settings and
 * class names.
 */
public final class Export {
  private static final String BATCH = "N";
  private static final int CHANNELS = 3;

  private final Configuration conf;
  private final ExportSettings settings;

  /** A run; {@code conf} says how paths are reached. */
  public Export(Configuration conf, ExportSettings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * Writes the file, in place of one that is there.
   *
   * @throws OctavoException if there is no such bundle, or the format can't hold it
   */
  public ExportResult execute() throws IOException {
    Path out = settings.out();
    Destination.checkFile(conf, out, settings.inputs());
    ModelBundle bundle = ModelBundle.open(conf, settings.model());
    WholeFiles.write(conf, out, content(bundle));
    return new ExportResult(out, out.getFileSystem(conf).getFileStatus(out).getLen());
  }

  private WholeFiles.Content content(ModelBundle bundle) throws IOException {
    if (settings.format() == ExportSettings.Format.ONNX) {
      return onnx(bundle)::writeTo;
    }
    if (bundle.quantized()) {
      throw new OctavoException.Usage(
          "%s is quantized, which a state dict can't hold: export it as onnx, or export the float model that it was made from"
              .formatted(bundle.directory()));
    }
    StateDict state = bundle.stateDict(conf);
    return settings.format() == ExportSettings.Format.PTH
        ? file -> WeightFiles.writePth(state, file)
        : file -> WeightFiles.writeSafetensors(state, file);
  }

  private OnnxBuilder onnx(ModelBundle bundle) throws IOException {
    Network network = bundle.network();
    OnnxBuilder builder = new OnnxBuilder(network.name(), Platform.current().octavo());
    int size = bundle.imageSize();
    builder.input(Operators.IMAGES, DType.UINT8, BATCH, size, size, CHANNELS);
    if (bundle.quantized()) {
      QuantizedNetwork quantized = bundle.quantizedNetwork(conf);
      Int8Onnx.add(builder, quantized);
    } else {
      FloatOnnx.add(
          builder, network, bundle.stateDict(conf), bundle.preprocessing().normalization());
    }
    builder.output(Operators.LOGITS, DType.FLOAT32, BATCH, network.classes());
    builder.output(Operators.FEATURES, DType.FLOAT32, BATCH, network.classifier().in());
    RecordEntries.of(bundle.about())
        .forEach((key, value) -> builder.metadata(key, String.valueOf(value)));
    builder.metadata(OnnxClassifier.CLASSES, String.join("\n", bundle.classes()));
    return builder;
  }
}
