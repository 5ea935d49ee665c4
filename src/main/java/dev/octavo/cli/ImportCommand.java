package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.imports.Import;
import dev.octavo.imports.ImportResult;
import dev.octavo.imports.ImportSettings;
import dev.octavo.imports.ImportSettings.Classes;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo import}: the weights of a fine-tuned network in, a model bundle out. */
@Command(
    name = "import",
    description =
        "Makes a model bundle from a network that was fine-tuned elsewhere, without" + " training.")
public final class ImportCommand implements Callable<Integer> {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE",
      description =
          "All weights of the network: a state dict (.pth, .safetensors), a TorchScript file or an"
              + " ONNX file, under torchvision's or timm's names.")
  private Path weights;

  @Option(
      names = "--network",
      required = true,
      paramLabel = "NAME",
      completionCandidates = TrainCommand.Networks.class,
      description = "One of ${COMPLETION-CANDIDATES}.")
  private String network;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "A text file with the classes' names, one per line, in the order of the logits.")
  private Path classes;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Instead of --classes: a dataset of the same classes, for a model whose logits are in"
              + " their sorted order, as with torchvision's ImageFolder.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the new model bundle.")
  private Path out;

  @Mixin private PreprocessingOptions preprocessing;
  @Mixin private OverwriteOption overwrite;

  @Spec private CommandSpec spec;

  ImportCommand() {}

  @Override
  public Integer call() throws IOException {
    Classes named = named();
    new Preflight().exists("--weights", weights).exists("--classes", classes);
    Architecture architecture = Architectures.of(network);
    ImportSettings settings =
        new ImportSettings(
            weights,
            architecture,
            named,
            preprocessing.value().over(architecture.preprocessing()),
            out,
            overwrite.ifExists());
    ImportResult result = new Import(OctavoSession.hadoopConfiguration(), settings).execute();
    PrintWriter console = spec.commandLine().getOut();
    console.printf("%s of %d classes:%n", result.network().name(), result.network().classes());
    result.report().summary().forEach(line -> console.printf("  %s%n", line));
    console.printf("model: %s%n", result.model());
    return 0;
  }

  private Classes named() {
    if ((classes == null) == (data == null)) {
      throw new OctavoException.Usage(
          classes == null
              ? "the classes have no names: give --classes or --data"
              : "--classes and --data exclude each other: give one of them");
    }
    return classes == null ? new Classes.OfDataset(data) : new Classes.Listed(classes);
  }
}
