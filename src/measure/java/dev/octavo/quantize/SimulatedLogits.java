package dev.octavo.quantize;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.bundle.TrainedRanges;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Network;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Precision;
import dev.octavo.program.SimulatedInt8;
import dev.octavo.program.TestModels;
import dev.octavo.program.TrainProgram;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How far an int8 program is from what quantization-aware training simulated, on the test split;
 * logits less their mean over the classes. Arguments: a dataset, the trained bundle, its int8
 * bundle.
 */
final class SimulatedLogits {
  private SimulatedLogits() {}

  /** Prints one line. */
  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    DatasetArtifact data = DatasetArtifact.open(LocalCluster.session(), new Path(args[0]));
    ModelBundle trained = ModelBundle.open(conf, new Path(args[1]));
    int classes = trained.classes().size();
    List<float[]> simulated = new ArrayList<>();
    float[] most = new float[2];
    int[] next = {0};
    try (DatasetImages test =
            new DatasetImages(
                data, DatasetSchema.TEST, trained.preprocessing(), ProgramLoader.TYPICAL_BATCH);
        LoadedProgram simulation = simulation(conf, trained);
        InferenceProgram int8 =
            new ProgramLoader(ModelBundle.open(conf, new Path(args[2])), conf, CpuPolicy.STRICT)
                .load(Precision.INT8)) {
      test.forEach(batch -> simulated.add(logits(simulation, batch.images(), classes)));
      test.forEach(
          batch -> {
            float[] expected = simulated.get(next[0]++);
            float[] actual = int8.forward(batch.images()).toFloats();
            centre(actual, classes);
            for (int k = 0; k < actual.length; k++) {
              most[0] = Math.max(most[0], Math.abs(actual[k] - expected[k]));
              most[1] = Math.max(most[1], Math.abs(expected[k]));
            }
          });
      Comparison c = new ReferenceLogits(simulated, test, classes).compare(int8);
      System.err.println(
          String.format(
              Locale.ROOT,
              "simulated top-1 %.2f %%, int8 %.2f %%, same class %.2f %%; logits up to %.2f, largest difference %.4f",
              100 * c.floatTop1().value(),
              100 * c.int8Top1().value(),
              100 * c.agreement().value(),
              most[1],
              most[0]));
    } finally {
      LocalCluster.stop();
    }
  }

  private static LoadedProgram simulation(Configuration conf, ModelBundle trained)
      throws IOException {
    CpuTarget target =
        QuantizationAwareManifest.read(trained.manifest(), trained.directory())
            .orElseThrow()
            .target();
    SimulatedInt8 int8 =
        new SimulatedInt8(
            target.operators(),
            target.weightBits(),
            TrainedRanges.read(conf, trained.directory(), trained.manifest())
                .orElseThrow()
                .mappings());
    Network network = trained.network();
    TrainProgram.Options options =
        new TrainProgram.Options(
            BatchNorm.FROZEN,
            Precision.FP32,
            trained.preprocessing().normalization(),
            Optional.of(int8),
            Optional.empty());
    return TestModels.load(
        out ->
            TrainProgram.write(
                network, trained.stateDict(conf), FlatLayout.of(network), options, out),
        LoadedProgram.Mode.TRAINING);
  }

  /** The losses of all labels say what the logits are, but for their mean. */
  private static float[] logits(LoadedProgram simulation, Tensor images, int classes) {
    int n = (int) images.shape()[0];
    float[] all = new float[n * classes];
    for (int k = 0; k < classes; k++) {
      long[] labels = new long[n];
      Arrays.fill(labels, k);
      DoubleBuffer losses =
          simulation.run("evaluate", images, Tensor.of(labels, n)).get(0).bytes().asDoubleBuffer();
      for (int i = 0; i < n; i++) {
        all[i * classes + k] = (float) -losses.get(i);
      }
    }
    centre(all, classes);
    return all;
  }

  private static void centre(float[] logits, int classes) {
    for (int from = 0; from < logits.length; from += classes) {
      float mean = 0;
      for (int k = 0; k < classes; k++) {
        mean += logits[from + k] / classes;
      }
      for (int k = 0; k < classes; k++) {
        logits[from + k] -= mean;
      }
    }
  }
}
