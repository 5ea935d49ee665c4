package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.TinyModel;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights may be finite and what they give may not. */
class NonFiniteLogitsTest {
  @TempDir private Path directory;

  @Test
  void anImageWhoseLogitsOverflowIsARowWithThatReason() throws Exception {
    Network network = ResNet.RESNET18.network(Scoring.CLASSES.size());
    Map<String, Tensor> tensors = new LinkedHashMap<>(TestModels.weights(network, 1).tensors());
    float[] values = new float[512 * network.classes()];
    Arrays.fill(values, 3e38f);
    tensors.put("fc.weight", Tensor.of(values, network.classes(), 512));
    Configuration conf = new Configuration();
    var out = new org.apache.hadoop.fs.Path(directory.resolve("model").toUri());
    try (Staging staging = Staging.open(conf, out, "model", Destination.IfExists.FAIL, List.of())) {
      BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(
                  network, Scoring.CLASSES, Preprocessing.ofSize(TinyModel.IMAGE_SIZE)),
              ProgramWriter.portable(network, new StateDict(tensors), Normalization.IMAGENET),
              Map.of(),
              Map.of(),
              Map.of()));
    }
    Images.fill(directory.resolve("images"), 0, 2);
    Scoring scoring = new Scoring(LocalCluster.session(), directory);
    scoring.run();
    scoring.assertScoredOnce(List.of("0.jpg", "1.jpg"));
    assertThat(scoring.predictions())
        .allSatisfy(
            row -> {
              assertThat(row.<String>getAs("error"))
                  .isEqualTo("not-finite: the model gives the logit Infinity");
              assertThat(row.<String>getAs("label")).isNull();
            });
  }
}
