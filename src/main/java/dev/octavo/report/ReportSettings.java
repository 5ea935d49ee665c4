package dev.octavo.report;

import dev.octavo.artifact.Destination.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a report.
 *
 * @param scores the scores artifact
 * @param out the HTML file to write; one that is there is replaced
 * @param valScores scores of other images by the same models, with all probabilities, that
 *     temperatures are fitted on
 * @param images whether the page shows any
 * @param pricePerCoreHour of a machine, in whatever currency
 */
public record ReportSettings(
    Path scores,
    Path out,
    Optional<Path> valScores,
    Images images,
    OptionalDouble pricePerCoreHour) {
  /** Checks that nothing is missing. */
  public ReportSettings {
    Objects.requireNonNull(scores, "scores");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(images, "images");
  }

  /** The images on the page. */
  public enum Images {
    /** Small ones, of those that it speaks of. */
    EMBEDDED,
    /** None. */
    LEFT_OUT
  }

  /** The artifacts that are read, within which the page may not be. */
  List<Input> inputs() {
    List<Input> inputs = new ArrayList<>(List.of(Input.of("--scores", scores)));
    valScores.ifPresent(val -> inputs.add(Input.of("--val-scores", val)));
    return inputs;
  }

  /** A page with images and without a price. */
  public static ReportSettings of(Path scores, Path out) {
    return new ReportSettings(
        scores, out, Optional.empty(), Images.EMBEDDED, OptionalDouble.empty());
  }
}
