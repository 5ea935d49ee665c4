package dev.octavo.train;

import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.train.data.Batching;
import dev.octavo.train.optim.ParameterGroup;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The plan that every worker must know.
 *
 * @param recipe how to train
 * @param layout of the flat vectors
 * @param groups of parameters that are updated alike
 * @param features that the classifier sees
 * @param batching how shares are cut into batches
 * @param seeded whether the program's step takes seeds of images, as with dropout
 * @param unlabelled whether images without a label take part, which a teacher alone teaches
 * @param classWeights how much an image of each class counts
 * @param steps updates in an epoch: what the largest share takes
 * @param directory of the run, where the train program is and where states and results go
 * @param checkpoints when states are saved
 * @param threads of libtorch
 * @param teachers the model that teaches; none or one
 * @param hadoop configuration of the file systems
 */
@RecordBuilder
public record WorkPlan(
    Recipe recipe,
    FlatLayout layout,
    List<ParameterGroup> groups,
    int features,
    Batching batching,
    boolean seeded,
    boolean unlabelled,
    float[] classWeights,
    int steps,
    String directory,
    CheckpointSettings checkpoints,
    int threads,
    List<Teacher> teachers,
    SerializableConfiguration hadoop)
    implements Serializable {
  int classes() {
    return classWeights.length;
  }

  /** The behaviour of batch norm. */
  BatchNorm batchNorm() {
    return batching.batchNorm();
  }
}
