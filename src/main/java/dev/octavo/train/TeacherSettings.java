package dev.octavo.train;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.program.Distillation;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a teacher.
 *
 * @param bundle the model that teaches
 * @param weight how much it counts beside the labels
 * @param temperature by which its logits and the student's are divided
 * @param splits whose images it teaches: {@code train}, and {@code extra} for images of that split
 *     without their labels
 */
public record TeacherSettings(Path bundle, double weight, double temperature, List<String> splits) {
  private static final List<List<String>> KNOWN =
      List.of(
          List.of(DatasetSchema.TRAIN),
          List.of(DatasetSchema.TRAIN, DatasetSchema.EXTRA),
          List.of(DatasetSchema.EXTRA, DatasetSchema.TRAIN));

  /** Checks the ranges. */
  public TeacherSettings {
    Objects.requireNonNull(bundle, "bundle");
    InvalidSetting.require(
        weight > 0 && weight <= 1, "teacherWeight", weight, "above 0 and at most 1");
    InvalidSetting.require(
        temperature >= 1 && temperature <= 100, "temperature", temperature, "from 1 to 100");
    splits = List.copyOf(splits);
    InvalidSetting.require(
        KNOWN.contains(splits),
        "teacherSplits",
        String.join(",", splits),
        "train, or train,extra: val and test are not trained on");
  }

  /** Returns whether images take part of which the teacher alone says what they show. */
  boolean teachesUnlabelled() {
    return splits.contains(DatasetSchema.EXTRA);
  }

  /** The loss. */
  Distillation distillation() {
    return new Distillation(weight, temperature, teachesUnlabelled());
  }
}
