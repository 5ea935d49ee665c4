package dev.octavo.train;

import dev.octavo.program.FlatLayout;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What every worker must know.
 *
 * @param recipe how to train
 * @param layout of the flat vectors
 * @param groups of parameters that are updated alike
 * @param classes number of logits
 * @param steps of an epoch: what the largest share takes
 * @param directory where the train program is and where the result goes
 * @param threads of libtorch
 * @param hadoop configuration of the file systems
 */
record WorkPlan(
    Recipe recipe,
    FlatLayout layout,
    List<ParameterGroup> groups,
    int classes,
    int steps,
    String directory,
    int threads,
    SerializableConfiguration hadoop)
    implements Serializable {
  /** File names within {@link #directory}. */
  static final String PROGRAM = "train.pt";

  static final String PARAMETERS = "parameters.f32";
  static final String BUFFERS = "buffers.f32";
}
