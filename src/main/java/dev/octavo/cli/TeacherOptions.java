package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.train.TeacherSettings;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** The options of {@code train} about a teacher; used as a {@code @Mixin}. */
final class TeacherOptions {
  @Option(
      names = "--teacher",
      paramLabel = "DIR",
      description =
          "The bundle of a model of the same classes, float or int8, whose predictions are"
              + " learned beside the labels: a larger network, or the float model for"
              + " --quantization-aware.")
  private Path teacher;

  @Option(
      names = "--teacher-weight",
      paramLabel = "A",
      defaultValue = "0.5",
      converter = Converters.Fraction.class,
      description =
          "The teacher's part in the loss, above 0; 1 leaves the labels out (${DEFAULT-VALUE}).")
  private double weight;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "2",
      converter = Converters.PositiveDouble.class,
      description =
          "Divisor of the logits of teacher and student, from 1: the higher, the softer the"
              + " targets (${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--teacher-splits",
      paramLabel = "NAMES",
      defaultValue = "train",
      split = ",",
      description =
          "Splits whose images the teacher teaches: with train,extra those of extra take part"
              + " without their labels (${DEFAULT-VALUE}).")
  private List<String> splits;

  Path teacher() {
    return teacher;
  }

  Optional<TeacherSettings> settings() {
    if (teacher == null && !splits.equals(List.of(DatasetSchema.TRAIN))) {
      throw new OctavoException.Usage(
          "--teacher-splits says whom a teacher teaches: give its bundle as --teacher");
    }
    return teacher == null
        ? Optional.empty()
        : Optional.of(new TeacherSettings(teacher, weight, temperature, splits));
  }
}
