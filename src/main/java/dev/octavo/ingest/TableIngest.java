package dev.octavo.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.when;

import dev.octavo.artifact.Staging;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifestBuilder;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.LabelNames;
import dev.octavo.ingest.IngestSettings.ByTable;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * The stage {@code ingest} for a table: its rows become a dataset.
 *
 * <p>The table is read twice. First the driver gets the rows' names, classes and splits, as it
 * lists a folder's; then the executors read the images.
 */
public final class TableIngest {
  private final SparkSession session;
  private final Dataset<Row> table;
  private final IngestSettings settings;
  private final ByTable splitting;

  /**
   * An ingest, not yet begun.
   *
   * @param session that reads what was written
   * @param table with the columns {@code image} (binary) and {@code label} (string or number), and
   *     where there are such {@code path} (string, unique) and {@code split} (string: {@code
   *     train}, {@code val}, {@code test} or {@code extra}). A row without a label becomes {@code
   *     extra}; one without a path is called after its class and its image's SHA-256.
   * @param settings whose splitting is {@link ByTable}
   */
  public TableIngest(SparkSession session, Dataset<Row> table, IngestSettings settings) {
    this.session = session;
    this.table = table;
    this.settings = settings;
    this.splitting = (ByTable) settings.splitting();
  }

  /**
   * Reads, writes and publishes.
   *
   * @throws dev.octavo.OctavoException if names, classes or splits can't be used, or if the counts
   *     don't add up
   */
  public IngestResult execute() throws IOException {
    try (Staging staging =
        Staging.open(
            session.sparkContext().hadoopConfiguration(),
            settings.out(),
            DatasetArtifact.KIND,
            settings.ifExists(),
            settings.inputs())) {
      Dataset<Row> rows = named();
      TablePlan plan =
          TablePlan.of(
              JobGroup.run(
                  session,
                  "ingest: listing the rows of " + settings.images(),
                  () ->
                      rows.select(DatasetSchema.PATH, DatasetSchema.LABEL, DatasetSchema.SPLIT)
                          .collectAsList()),
              splitting,
              settings.seed());
      LongAccumulator bytes = session.sparkContext().longAccumulator();
      List<Quarantined> quarantined =
          write(rows, plan, bytes, new Path(staging.directory(), DatasetArtifact.IMAGES));
      return new Publication(session, settings, staging)
          .publish(
              new Publication.Seen(
                  plan.rowsPerSplit(), Map.of(), bytes.value(), List.of(), plan.words()),
              quarantined,
              DatasetManifestBuilder.builder()
                  .classes(plan.classes())
                  .images(settings.images())
                  .seed(settings.seed())
                  .limits(settings.limits())
                  .lists(Optional.empty())
                  .split(Optional.of(plan.words()))
                  .table(Optional.of(splitting.columns()))
                  .build());
    }
  }

  /** The rows with all four columns. */
  private Dataset<Row> named() {
    List<String> columns = Arrays.asList(table.columns());
    Column none = lit(null).cast(DataTypes.StringType);
    Dataset<Row> rows =
        table.select(
            columns.contains(DatasetSchema.PATH) ? col(DatasetSchema.PATH) : none.as("path"),
            LabelNames.of(
                    col(DatasetSchema.LABEL), table.schema().apply(DatasetSchema.LABEL).dataType())
                .as(DatasetSchema.LABEL),
            columns.contains(DatasetSchema.SPLIT) ? col(DatasetSchema.SPLIT) : none.as("split"),
            col(DatasetSchema.IMAGE));
    if (columns.contains(DatasetSchema.PATH)) {
      return rows;
    }
    // Equal images are numbered, so that names depend on what the rows hold, not on their order.
    String number = "number";
    Column hash = coalesce(sha2(col(DatasetSchema.IMAGE), 256), lit("none"));
    Column first = col(number).equalTo(1);
    return rows.withColumn(
            DatasetSchema.PATH,
            when(col(DatasetSchema.LABEL).isNull(), hash)
                .otherwise(concat(col(DatasetSchema.LABEL), lit("/"), hash)))
        .withColumn(
            number,
            row_number().over(Window.partitionBy(DatasetSchema.PATH).orderBy(DatasetSchema.SPLIT)))
        .withColumn(
            DatasetSchema.PATH,
            when(first, col(DatasetSchema.PATH))
                .otherwise(concat(col(DatasetSchema.PATH), lit("-"), col(number))))
        .drop(number);
  }

  private List<Quarantined> write(
      Dataset<Row> rows, TablePlan plan, LongAccumulator bytes, Path target) throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    CollectionAccumulator<Quarantined> quarantine = new CollectionAccumulator<>();
    context.sc().register(quarantine, "quarantined");
    Broadcast<Map<String, String>> splits = context.broadcast(new TreeMap<>(plan.splits()));
    try {
      Dataset<Row> written =
          rows.mapPartitions(
              new RowReading(
                  plan.classes(), splits, new RowMaker(settings.limits(), quarantine), bytes),
              Encoders.row(DatasetSchema.ROWS));
      JobGroup.run(
          session,
          "ingest: reading %,d rows of %s".formatted(plan.splits().size(), settings.images()),
          () -> {
            RowFiles.writeSplits(written, target);
            return null;
          });
      // A task that ran twice has told twice.
      return new ArrayList<>(new LinkedHashSet<>(quarantine.value()));
    } finally {
      splits.destroy();
    }
  }
}
