package dev.octavo.cli;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.quantize.Comparison;
import dev.octavo.quantize.Quantize;
import dev.octavo.quantize.QuantizeSettings;
import dev.octavo.quantize.RangeMethod;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo quantize}: a float bundle in, an int8 bundle out. */
@Command(
    name = "quantize",
    description =
        "Turns a trained model into an int8 model, calibrated on the data it was trained on.")
public final class QuantizeCommand implements Callable<Integer> {
  private static final double PERCENT = 100;
  private static final double MEGABYTE = 1e6;

  @Spec private CommandSpec spec;
  @Mixin private OverwriteOption overwrite;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The bundle of a trained model.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description =
          "The dataset it was trained on: calibrated on its train split, compared on val.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the int8 bundle goes.")
  private Path out;

  @Option(
      names = "--calibration-images",
      paramLabel = "N",
      defaultValue = "512",
      description =
          "Pictures of the train split, spread over the classes, that activation ranges are observed"
              + " on (default: ${DEFAULT-VALUE}).")
  private int calibrationImages;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "mse",
      description =
          "How a range is chosen from what was observed: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private RangeMethod method;

  @Option(
      names = "--weight-bits",
      paramLabel = "N",
      description =
          "8, or 7 for x86 CPUs without VNNI, on which 8 would saturate (default: what this"
              + " machine's CPU takes).")
  private Integer weightBits;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description = "Seed of the calibration sample (default: ${DEFAULT-VALUE}).")
  private long seed;

  QuantizeCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    int bits = weightBits != null ? weightBits : CpuFeatures.current().sumsBytesExactly() ? 8 : 7;
    QuantizeSettings settings =
        new QuantizeSettings(
            model, data, out, overwrite.ifExists(), calibrationImages, seed, method, bits);
    SparkSession spark = OctavoSession.open("quantize");
    Quantize.Result result = new Quantize(spark, settings, console::println).execute();
    Comparison val = result.validation();
    console.printf(
        "model file      %,.1f MB -> %,.1f MB (%.1f %%)%n",
        result.floatBytes() / MEGABYTE,
        result.int8Bytes() / MEGABYTE,
        PERCENT * result.int8Bytes() / result.floatBytes());
    if (val.agreement().total() == 0) {
      console.println("top-1 on val    not measured: the dataset has no val split");
    } else {
      console.printf(
          "top-1 on val    fp32 %.2f %% -> int8 %.2f %% (%d pictures; same class for %.2f %%, SQNR of the logits %.1f dB)%n",
          PERCENT * val.floatTop1().value(),
          PERCENT * val.int8Top1().value(),
          val.agreement().total(),
          PERCENT * val.agreement().value(),
          val.logits().decibels());
    }
    console.printf("int8 model in %s%n", result.bundle());
    return 0;
  }
}
