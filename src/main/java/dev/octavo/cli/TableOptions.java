package dev.octavo.cli;

import picocli.CommandLine.Option;

/** A table of images in place of a folder; used as a {@code @Mixin}. */
final class TableOptions {
  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description =
          "Instead of --images: a table with a column of image files, as a path or as a name that"
              + " Spark's catalog knows.")
  private String table;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "With --table: the path's format in Spark, such as parquet, orc or delta (parquet).")
  private String format;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description = "With --table: the column with the bytes of image files (content).")
  private String imageColumn;

  /** The table; null if there is none. */
  String table() {
    return table;
  }

  /** {@code --format} as given; null if it wasn't. */
  String givenFormat() {
    return format;
  }

  /** {@code --image-column} as given; null if it wasn't. */
  String givenImageColumn() {
    return imageColumn;
  }

  /** The format, by default Parquet. */
  String format() {
    return format == null ? "parquet" : format;
  }

  /** The column of images, by default as Spark's binary files have it. */
  String imageColumn() {
    return imageColumn == null ? "content" : imageColumn;
  }
}
