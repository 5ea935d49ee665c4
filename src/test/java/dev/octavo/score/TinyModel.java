package dev.octavo.score;

import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.Precision;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A ResNet-18 with random weights for small images, as a float bundle. */
public final class TinyModel {
  /** Height and width of its images. */
  public static final int IMAGE_SIZE = 64;

  private TinyModel() {}

  /** Writes the bundle. */
  public static Path publish(Path out, List<String> classes, long seed) throws IOException {
    Network network = ResNet.RESNET18.network(classes.size());
    try (Staging staging = Staging.open(new Configuration(), out, Staging.IfExists.FAIL)) {
      return ModelBundle.publish(
          staging,
          new ModelBundle.Description(network, classes, IMAGE_SIZE, Precision.PORTABLE),
          ModelBundle.portable(network, random(network, seed)),
          Map.of(),
          Map.of("seed", seed),
          Map.of());
    }
  }

  private static StateDict random(Network network, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network
        .stateShapes()
        .forEach(
            (name, shape) -> {
              if (name.endsWith("num_batches_tracked")) {
                tensors.put(name, Tensor.scalar(0));
                return;
              }
              float[] values = new float[(int) Tensor.elements(shape)];
              boolean matrix = shape.length > 1;
              double scale = matrix ? Math.sqrt(2.0 * shape[0] / values.length) : 0.1;
              boolean one = name.endsWith("running_var") || (!matrix && name.endsWith(".weight"));
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    (float) (one ? 0.8 + 0.4 * random.nextDouble() : scale * random.nextGaussian());
              }
              tensors.put(name, Tensor.of(values, shape));
            });
    return new StateDict(tensors);
  }
}
