package dev.octavo.cli;

import dev.octavo.export.Export;
import dev.octavo.export.ExportResult;
import dev.octavo.export.ExportSettings;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo export}: a model bundle in, a file for other programs out. */
@Command(name = "export", description = "Writes a model as one file that other programs read.")
public final class ExportCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model bundle, float or int8.")
  private Path model;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "onnx",
      description =
          "onnx: a graph of opset 17, of int8 models with QuantizeLinear and DequantizeLinear; pth"
              + " or safetensors: a float model's state dict under torchvision's names"
              + " (${DEFAULT-VALUE}).")
  private ExportSettings.Format format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write; an existing one is replaced.")
  private Path out;

  @Spec private CommandSpec spec;

  ExportCommand() {}

  @Override
  public Integer call() throws IOException {
    ExportResult result =
        new Export(OctavoSession.hadoopConfiguration(), new ExportSettings(model, format, out))
            .execute();
    spec.commandLine().getOut().printf("export: %s (%,d bytes)%n", result.out(), result.bytes());
    return 0;
  }
}
