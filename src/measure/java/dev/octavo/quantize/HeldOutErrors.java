package dev.octavo.quantize;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.program.Precision;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How far int8 bundles are from the float bundle that they were made from, on the test split.
 * Arguments: a dataset, the float bundle, int8 bundles.
 */
public final class HeldOutErrors {
  private HeldOutErrors() {}

  /** Prints a line for each int8 bundle. */
  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    DatasetArtifact data = DatasetArtifact.open(LocalCluster.session(), new Path(args[0]));
    ModelBundle model = ModelBundle.open(conf, new Path(args[1]));
    try (DatasetImages test =
        new DatasetImages(
            data, DatasetSchema.TEST, model.preprocessing(), ProgramLoader.TYPICAL_BATCH)) {
      ReferenceLogits reference;
      try (InferenceProgram program =
          new ProgramLoader(model, conf, CpuPolicy.ADAPT).load(Precision.FP32)) {
        reference = ReferenceLogits.of(program, test, model.classes().size());
      }
      for (String int8 : Arrays.asList(args).subList(2, args.length)) {
        try (InferenceProgram program =
            new ProgramLoader(ModelBundle.open(conf, new Path(int8)), conf, CpuPolicy.ADAPT)
                .load(Precision.INT8)) {
          Comparison c = reference.compare(program);
          System.err.println(
              String.format(
                  Locale.ROOT,
                  "%s: top-1 %.2f %%, same class %.2f %%, SQNR of the logits %.2f dB",
                  int8,
                  100 * c.int8Top1().value(),
                  100 * c.agreement().value(),
                  c.logits().decibels()));
        }
      }
    } finally {
      LocalCluster.stop();
    }
  }
}
