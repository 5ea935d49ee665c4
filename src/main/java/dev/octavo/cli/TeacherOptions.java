package dev.octavo.cli;

import dev.octavo.train.TeacherSettings;
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

  Path teacher() {
    return teacher;
  }

  Optional<TeacherSettings> settings() {
    return teacher == null
        ? Optional.empty()
        : Optional.of(new TeacherSettings(teacher, weight, temperature));
  }
}
