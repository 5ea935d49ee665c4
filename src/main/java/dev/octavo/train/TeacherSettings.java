package dev.octavo.train;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.program.Distillation;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a teacher.
 *
 * @param bundle the model that teaches
 * @param weight how much it counts beside the labels
 * @param temperature by which its logits and the student's are divided
 */
public record TeacherSettings(Path bundle, double weight, double temperature) {
  /** Checks the ranges. */
  public TeacherSettings {
    Objects.requireNonNull(bundle, "bundle");
    InvalidSetting.require(
        weight > 0 && weight <= 1, "teacherWeight", weight, "above 0 and at most 1");
    InvalidSetting.require(
        temperature >= 1 && temperature <= 100, "temperature", temperature, "from 1 to 100");
  }

  /** The loss. */
  Distillation distillation() {
    return new Distillation(weight, temperature);
  }
}
