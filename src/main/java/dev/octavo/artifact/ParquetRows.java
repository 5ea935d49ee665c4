package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Rows of Parquet files, one after the other and without a Spark session. */
public final class ParquetRows {
  private final Configuration conf;
  private final List<String> columns;

  /**
   * A reader.
   *
   * @param columns to be read, those that a file has
   */
  public ParquetRows(Configuration conf, List<String> columns) {
    this.conf = new Configuration(conf);
    this.conf.setBoolean(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, true);
    this.columns = columns;
  }

  /**
   * The Parquet files in a directory and below, hidden ones left out, in the order of their names.
   */
  public static List<FileStatus> files(Configuration conf, Path directory) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    List<FileStatus> files = new ArrayList<>();
    if (fs.exists(directory)) {
      for (FileStatus file : ArtifactFiles.list(fs, directory)) {
        String name = file.getPath().getName();
        if (name.endsWith(".parquet") && !name.startsWith(".") && !name.startsWith("_")) {
          files.add(file);
        }
      }
    }
    files.sort((a, b) -> a.getPath().compareTo(b.getPath()));
    return files;
  }

  /**
   * Hands all rows of a file to a consumer.
   *
   * @throws OctavoException if the file is damaged
   */
  public void read(Path file, Consumer<Group> consumer) throws IOException {
    read(file, 0, Long.MAX_VALUE, consumer);
  }

  /**
   * Hands the rows of those row groups to a consumer that begin in a range of a file's bytes.
   *
   * @param from first byte
   * @param length of the range
   * @throws OctavoException if the file is damaged
   */
  public void read(Path file, long from, long length, Consumer<Group> consumer) throws IOException {
    try {
      conf.set(ReadSupport.PARQUET_READ_SCHEMA, projection(file).toString());
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), file)
              .withConf(conf)
              .withFileRange(from, from + length)
              .build()) {
        for (Group row = reader.read(); row != null; row = reader.read()) {
          consumer.accept(row);
        }
      }
    } catch (OctavoException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new OctavoException(
          "%s can't be read as Parquet (%s): copy the artifact again, or recreate it"
              .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  private MessageType projection(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, conf))) {
      MessageType schema = reader.getFooter().getFileMetaData().getSchema();
      List<Type> types =
          columns.stream().filter(schema::containsField).map(schema::getType).toList();
      return new MessageType(schema.getName(), types);
    }
  }

  /** Returns whether a row has a value in a column. */
  public static boolean has(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
  }

  /** The text in a column, null where there is none. */
  public static String string(Group row, String column) {
    return has(row, column) ? row.getString(column, 0) : null;
  }

  /** The numbers of a list, as Spark writes lists. */
  public static float[] floats(Group row, String column) {
    Group list = row.getGroup(column, 0);
    float[] values = new float[list.getFieldRepetitionCount(0)];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.getGroup(0, i).getFloat(0, 0);
    }
    return values;
  }
}
