package dev.octavo.score;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.score.OutputTable.Mode;
import dev.octavo.spark.JobGroup;
import dev.octavo.table.SourceTables;
import dev.octavo.table.TableFormats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Appends the rounds of published scores to a table, each of them once, whatever ends the program
 * in between. A hidden file beside the predictions holds a name for the scores and the rounds that
 * are in the table. Between a round's commit to the table and its entry there the program may end,
 * so the table itself says which rounds it has: Delta by its transaction identifiers, Iceberg by
 * the properties of its snapshots; a plain folder of Parquet takes the files of a round one by one
 * from a directory in which all of them were whole.
 */
final class TableSink {
  private static final String KIND = "scores in a table";
  private static final String ID = "id";
  private static final String ROUNDS = "rounds";
  private static final String SNAPSHOT_PROPERTY = "octavo-round";
  private static final String SUCCESS = "_SUCCESS";
  private static final String SCRATCH = "_octavo-";

  private final SparkSession spark;
  private final Configuration conf;
  private final ScoresWorkspace workspace;
  private final OutputTable to;
  private final Path record;

  TableSink(SparkSession spark, ScoresWorkspace workspace, OutputTable to) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.workspace = workspace;
    this.to = to;
    String key = Hashes.sha256((to.format() + " " + to.table()).getBytes(StandardCharsets.UTF_8));
    this.record = new Path(workspace.target(), "_table-%s.json".formatted(key.substring(0, 16)));
  }

  /**
   * Checks that the table may be written.
   *
   * @throws OctavoException if one is there that these scores didn't begin, and must not be, or
   *     Spark can't write its format
   */
  void check() throws IOException {
    TableFormats.require(to.format());
    boolean begun = workspace.updates() && workspace.fileSystem().exists(record);
    if (to.mode() == Mode.CREATE && !begun && exists()) {
      throw new OctavoException(
          "the table %s is there already: pass --mode append to add to it, or choose another --to-table"
              .formatted(to.table()));
    }
    if (to.format().equals("parquet")) {
      checkColumns();
    }
  }

  /** Checks a plain folder's columns, as Delta and Iceberg do by themselves. */
  private void checkColumns() throws IOException {
    FileSystem fs = fileSystem();
    if (!fs.exists(path())
        || fs.listStatus(path(), file -> !file.getName().matches("[._].*")).length == 0) {
      return;
    }
    StructType there;
    try {
      there = spark.read().parquet(Paths.literal(path())).schema();
    } catch (Exception e) { // AnalysisException is checked, but Scala does not declare it
      if (e instanceof AnalysisException) {
        throw refused(e);
      }
      throw e;
    }
    if (!there.asNullable().equals(PredictionRows.SCHEMA.asNullable())) {
      throw refused(new OctavoException("it has " + String.join(", ", there.fieldNames())));
    }
  }

  private OctavoException refused(Exception why) {
    return new OctavoException(
        "the table %s can't take predictions (%s): its columns must be %s"
            .formatted(
                to.table(),
                why.getMessage().lines().findFirst().orElse(""),
                String.join(", ", PredictionRows.SCHEMA.fieldNames())),
        why);
  }

  /** Appends the rounds that are not in the table yet. */
  void append(List<Path> rounds) throws IOException {
    String id;
    List<String> done = new ArrayList<>();
    if (workspace.fileSystem().exists(record)) {
      Map<String, Object> before =
          Manifest.fromJson(workspace.read(record), record.toString()).settings();
      id = String.valueOf(before.get(ID));
      ((List<?>) before.get(ROUNDS)).forEach(round -> done.add(String.valueOf(round)));
    } else {
      id = UUID.randomUUID().toString();
      remember(id, done);
    }
    for (Path round : rounds) {
      if (!done.contains(round.getName())) {
        JobGroup.run(
            spark,
            "appending %s to %s".formatted(round.getName(), to.table()),
            () -> {
              append(round, id);
              return null;
            });
        done.add(round.getName());
        remember(id, done);
      }
    }
    if (to.format().equals("parquet")) {
      for (FileStatus scratch :
          fileSystem().listStatus(path(), file -> file.getName().startsWith(SCRATCH + id))) {
        fileSystem().delete(scratch.getPath(), true);
      }
    }
  }

  private void remember(String id, List<String> rounds) throws IOException {
    Map<String, Object> settings =
        Map.of("table", to.table(), "format", to.format(), ID, id, ROUNDS, List.copyOf(rounds));
    workspace.put(
        workspace.target(),
        record.getName(),
        Manifest.of(KIND, Map.of(), settings, Map.of()).toJson());
  }

  private void append(Path round, String id) throws IOException {
    Dataset<Row> rows =
        spark
            .read()
            .schema(PredictionRows.SCHEMA)
            .parquet(Paths.literal(round))
            .select(
                List.of(PredictionRows.SCHEMA.fieldNames()).stream()
                    .map(functions::col)
                    .toArray(Column[]::new));
    try {
      switch (to.format()) {
        case "delta" -> toDelta(rows, id, ScoresWorkspace.number(round));
        case "iceberg" -> toIceberg(rows, id + "/" + round.getName());
        default -> toParquet(rows, scratch(id, round.getName()));
      }
    } catch (Exception e) { // AnalysisException is checked, but Scala does not declare it
      if (e instanceof AnalysisException) {
        throw refused(e);
      }
      if (e instanceof IOException io) {
        throw io;
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  /** Delta leaves out a transaction of a version that it has. */
  private void toDelta(Dataset<Row> rows, String id, int version) {
    var writer =
        rows.write()
            .format("delta")
            .option("txnAppId", id)
            .option("txnVersion", version)
            .mode(SaveMode.Append);
    if (SourceTables.isName(to.table())) {
      writer.saveAsTable(to.table());
    } else {
      writer.save(to.table());
    }
  }

  private void toIceberg(Dataset<Row> rows, String round) throws AnalysisException, IOException {
    if (!exists()) {
      rows.where(functions.lit(false)).writeTo(to.table()).using("iceberg").create();
    }
    boolean there =
        !spark
            .table(to.table() + ".snapshots")
            .where(col("summary").getItem(SNAPSHOT_PROPERTY).equalTo(round))
            .isEmpty();
    if (!there) {
      rows.writeTo(to.table()).option("snapshot-property." + SNAPSHOT_PROPERTY, round).append();
    }
  }

  /** No file moves before all are whole; a move that was cut short is gone on with. */
  private void toParquet(Dataset<Row> rows, Path scratch) throws IOException {
    FileSystem fs = fileSystem();
    if (!fs.exists(new Path(scratch, SUCCESS))) {
      fs.delete(scratch, true);
      rows.write()
          .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
          .parquet(scratch.toString());
      fs.create(new Path(scratch, SUCCESS)).close();
    }
    for (FileStatus file : fs.listStatus(scratch)) {
      String name = file.getPath().getName();
      if (name.endsWith(".parquet") && !fs.rename(file.getPath(), new Path(path(), name))) {
        throw new IOException("can't move %s to %s".formatted(file.getPath(), path()));
      }
    }
  }

  private Path scratch(String id, String round) {
    return new Path(path(), SCRATCH + id + "-" + round.replace('=', '-'));
  }

  private Path path() {
    return Paths.of(to.table());
  }

  private FileSystem fileSystem() throws IOException {
    return path().getFileSystem(conf);
  }

  private boolean exists() throws IOException {
    if (SourceTables.isName(to.table())) {
      return spark.catalog().tableExists(to.table());
    }
    return fileSystem().exists(path()) && fileSystem().listStatus(path()).length > 0;
  }
}
