package dev.octavo.results;

import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.Destination.Inside;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** The source of the images of a run; what its manifest records of it. */
public sealed interface InputSource {
  /** As it is called in the Spark UI. */
  String describe();

  /** The inputs, for the check that nothing is written over them. */
  List<Input> inputs();

  /**
   * A folder tree: every file in it is an input, but for hidden ones. Its label is the name of the
   * directory it lies in, where a model has a class of that name.
   */
  record Folder(Path directory) implements InputSource {
    @Override
    public String describe() {
      return directory.toString();
    }

    @Override
    public List<Input> inputs() {
      return List.of(new Input("--images", directory, Inside.SKIPPED));
    }
  }

  /** The rows of one split of a dataset, with their labels. */
  record Split(Path dataset, String split) implements InputSource {
    @Override
    public String describe() {
      return "the %s split of %s".formatted(split, dataset);
    }

    @Override
    public List<Input> inputs() {
      return List.of(Input.of("--data", dataset));
    }
  }

  /**
   * The paths in a text file, one a line, or in a column of Parquet files; relative ones start at
   * the directory that the list lies in. A path listed twice is one input.
   *
   * @param list the file, or a directory of Parquet
   * @param pathColumn the column, where it is Parquet
   */
  record PathList(Path list, String pathColumn) implements InputSource {
    @Override
    public String describe() {
      return "the files listed in " + list;
    }

    @Override
    public List<Input> inputs() {
      return List.of(Input.of("--list", list));
    }
  }

  /**
   * The rows of a table.
   *
   * @param table a path, or a name that Spark's catalog knows
   * @param format that Spark reads the path in, as in {@code parquet}
   * @param imageColumn the bytes of an image file
   * @param pathColumn what names the row, unique
   * @param labelColumn the true class; empty where there is none
   */
  record Table(
      String table,
      String format,
      String imageColumn,
      String pathColumn,
      Optional<String> labelColumn)
      implements InputSource {
    @Override
    public String describe() {
      return "the table " + table;
    }

    @Override
    public List<Input> inputs() {
      return table.contains("/") ? List.of(Input.of("--table", new Path(table))) : List.of();
    }
  }
}
