package dev.octavo.ml;

import dev.octavo.artifact.Paths;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.train.LossSettings;
import dev.octavo.train.TeacherSettings;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters of the loss, a teacher's part in it included.
 *
 * @param <S> the estimator
 */
public abstract class LossParams<S extends LossParams<S>> extends AugmentationParams<S> {
  private static final long serialVersionUID = 1L;

  private final DoubleParam mixup;
  private final DoubleParam cutmix;
  private final DoubleParam labelSmoothing;
  private final Param<String> classWeights;
  private final Param<String> teacher;
  private final DoubleParam teacherWeight;
  private final DoubleParam temperature;

  LossParams(String uid, String defaultOutputCol) {
    super(uid, defaultOutputCol);
    mixup =
        new DoubleParam(
            uid,
            "mixup",
            "both parameters of the Beta distribution that images are mixed by; 0 is off");
    cutmix =
        new DoubleParam(
            uid,
            "cutmix",
            "both parameters of the Beta distribution of areas that images swap; 0 is off");
    labelSmoothing =
        new DoubleParam(
            uid, "labelSmoothing", "share of the target that is spread over all classes");
    classWeights =
        new Param<>(
            uid,
            "classWeights",
            "balanced: an image counts inversely to the size of its class; or none");
    teacher =
        new Param<>(
            uid, "teacher", "bundle of a model of the same classes whose answers are learned, too");
    teacherWeight =
        new DoubleParam(
            uid,
            "teacherWeight",
            "the teacher's part in the loss, above 0; 1 leaves the labels out");
    temperature =
        new DoubleParam(uid, "temperature", "divisor of the logits of teacher and student, from 1");
    setDefault(mixup, 0.0);
    setDefault(cutmix, 0.0);
    setDefault(labelSmoothing, 0.1);
    setDefault(classWeights, "none");
    setDefault(teacherWeight, 0.5);
    setDefault(temperature, 2.0);
  }

  /** Both parameters of the Beta distribution that images are mixed by; 0 is off. */
  public DoubleParam mixup() {
    return mixup;
  }

  /** Sets {@link #mixup} (0). */
  public S setMixup(double value) {
    return with(mixup, value);
  }

  /** Both parameters of the Beta distribution of areas that images swap; 0 is off. */
  public DoubleParam cutmix() {
    return cutmix;
  }

  /** Sets {@link #cutmix} (0). */
  public S setCutmix(double value) {
    return with(cutmix, value);
  }

  /** Share of the target that is spread over all classes. */
  public DoubleParam labelSmoothing() {
    return labelSmoothing;
  }

  /** Sets {@link #labelSmoothing} (0.1). */
  public S setLabelSmoothing(double value) {
    return with(labelSmoothing, value);
  }

  /** Balanced: an image counts inversely to the size of its class; or none. */
  public Param<String> classWeights() {
    return classWeights;
  }

  /** Sets {@link #classWeights} (none). */
  public S setClassWeights(String value) {
    return with(classWeights, value);
  }

  /** Bundle of a model of the same classes whose answers are learned, too. */
  public Param<String> teacher() {
    return teacher;
  }

  /** Sets {@link #teacher}. */
  public S setTeacher(String value) {
    return with(teacher, value);
  }

  /** The teacher's part in the loss, above 0; 1 leaves the labels out. */
  public DoubleParam teacherWeight() {
    return teacherWeight;
  }

  /** Sets {@link #teacherWeight} (0.5). */
  public S setTeacherWeight(double value) {
    return with(teacherWeight, value);
  }

  /** Divisor of the logits of teacher and student, from 1. */
  public DoubleParam temperature() {
    return temperature;
  }

  /** Sets {@link #temperature} (2). */
  public S setTemperature(double value) {
    return with(temperature, value);
  }

  final LossSettings lossSettings() {
    return new LossSettings(
        value(labelSmoothing),
        constant(classWeights, LossSettings.ClassWeights.class),
        value(mixup),
        value(cutmix));
  }

  final Optional<TeacherSettings> teacherSettings() {
    return optional(teacher)
        .map(
            bundle ->
                new TeacherSettings(
                    Paths.of(bundle),
                    value(teacherWeight),
                    value(temperature),
                    List.of(DatasetSchema.TRAIN)));
  }
}
