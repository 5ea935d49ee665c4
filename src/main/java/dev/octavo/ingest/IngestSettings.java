package dev.octavo.ingest;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.image.codec.DecodeLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings of an ingest.
 *
 * @param images folder with one folder per class, or the path or name of a table
 * @param splitting which image belongs to which split
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
    Destination.IfExists ifExists) {

  /** Checks that nothing is missing. */
  public IngestSettings {
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(splitting, "splitting");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
  }

  /** The inputs that are read. */
  public List<Input> inputs() {
    if (splitting instanceof ByTable) {
      return images.toString().contains("/") ? List.of(Input.of("--table", images)) : List.of();
    }
    List<Input> inputs = new ArrayList<>(List.of(Input.of("--images", images)));
    if (splitting instanceof ByLists lists) {
      inputs.add(Input.of("--train-list", lists.trainList()));
      inputs.add(Input.of("--test-list", lists.testList()));
    }
    return inputs;
  }

  /** The rule that decides the split of each image. */
  public sealed interface Splitting {}

  /**
   * By lists; val is carved out of train, class by class. Images in no list are {@code extra}.
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

  /** The place of a folder's classes. */
  public enum Layout {
    /** As the folder looks: splits where its folders are called train and test or val. */
    AUTO,
    /** One folder per class. */
    CLASSES,
    /** One folder per split, with one folder per class in each. */
    SPLITS
  }

  /**
   * By folders: at random, class by class, or as folders of splits say.
   *
   * @param fractions of the splits; empty for the usual ones
   * @param layout of the folder
   * @param valFraction of train that becomes val where folders of splits hold none
   */
  public record ByFolders(Optional<SplitFractions> fractions, Layout layout, double valFraction)
      implements Splitting {
    /** Checks the fraction. */
    public ByFolders {
      Objects.requireNonNull(fractions, "fractions");
      Objects.requireNonNull(layout, "layout");
      SplitFractions.valOnly(valFraction);
    }

    /** At random, in a folder with one folder per class. */
    public static ByFolders atRandom(SplitFractions fractions) {
      return new ByFolders(Optional.of(fractions), Layout.CLASSES, 0);
    }
  }

  /**
   * By a column of a table, or at random where it has none.
   *
   * @param columns of the table
   * @param fractions of the splits where no column says; empty for the usual ones
   * @param valFraction of train that becomes val where a column says, but calls no row val
   * @param classes in the order of their indices; empty for those of the table
   */
  public record ByTable(
      DatasetManifest.Table columns,
      Optional<SplitFractions> fractions,
      double valFraction,
      List<String> classes)
      implements Splitting {
    /** Checks the fraction. */
    public ByTable {
      Objects.requireNonNull(columns, "columns");
      Objects.requireNonNull(fractions, "fractions");
      SplitFractions.valOnly(valFraction);
      classes = List.copyOf(classes);
    }
  }
}
