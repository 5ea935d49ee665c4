package dev.octavo.report;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Destination.Input;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;

/**
 * The settings of a report.
 *
 * @param scores the scores artifacts: the first is what the page is about, the others are compared
 *     with it
 * @param out the HTML file to write; one that is there is replaced
 * @param valScores scores of other images by the same models, with all probabilities, that
 *     temperatures are fitted on
 * @param reference scores of images such as the model was made for, by the same models, that drift
 *     is measured from
 * @param images whether the page shows any
 * @param pricePerCoreHour of a machine, in whatever currency
 */
public record ReportSettings(
    List<Path> scores,
    Path out,
    Optional<Path> valScores,
    Optional<Path> reference,
    Images images,
    OptionalDouble pricePerCoreHour) {
  /**
   * Checks that nothing is missing.
   *
   * @throws InvalidSetting if a directory of scores is named twice
   */
  public ReportSettings {
    scores = List.copyOf(scores);
    InvalidSetting.require(
        !scores.isEmpty() && new HashSet<>(scores).size() == scores.size(),
        "scores",
        scores,
        "one directory or several different ones");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(valScores, "valScores");
    Objects.requireNonNull(reference, "reference");
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
    List<Input> inputs = new ArrayList<>();
    scores.forEach(directory -> inputs.add(Input.of("--scores", directory)));
    valScores.ifPresent(val -> inputs.add(Input.of("--val-scores", val)));
    reference.ifPresent(directory -> inputs.add(Input.of("--reference", directory)));
    return inputs;
  }

  /** A page about one run, with images and without a price. */
  public static ReportSettings of(Path scores, Path out) {
    return new ReportSettings(
        List.of(scores),
        out,
        Optional.empty(),
        Optional.empty(),
        Images.EMBEDDED,
        OptionalDouble.empty());
  }
}
