package dev.octavo.ingest;

import dev.octavo.artifact.Staging;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.image.DecodeLimits;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * What to ingest.
 *
 * @param images folder with one folder per class
 * @param splitting which picture belongs to which split
 * @param seed of the random part of the splitting
 * @param limits beyond which a file is quarantined
 * @param out where the dataset appears
 * @param ifExists what to do with a dataset that stands there
 */
public record IngestSettings(
    Path images,
    Splitting splitting,
    long seed,
    DecodeLimits limits,
    Path out,
    Staging.IfExists ifExists) {

  /** Checks that nothing is missing. */
  public IngestSettings {
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(splitting, "splitting");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
  }

  /** Which picture belongs to which split. */
  public sealed interface Splitting {}

  /**
   * By lists; val is carved out of train, class by class. Pictures in no list are {@code extra}.
   *
   * @param trainList one {@code class/file} per line
   * @param testList one {@code class/file} per line
   * @param valFraction of train, at least 0 and below 1
   */
  public record ByLists(Path trainList, Path testList, double valFraction) implements Splitting {
    /** Checks the fraction. */
    public ByLists {
      Objects.requireNonNull(trainList, "trainList");
      Objects.requireNonNull(testList, "testList");
      SplitFractions.valOnly(valFraction);
    }
  }

  /** At random, class by class. */
  public record Stratified(SplitFractions fractions) implements Splitting {
    /** Checks that nothing is missing. */
    public Stratified {
      Objects.requireNonNull(fractions, "fractions");
    }
  }
}
