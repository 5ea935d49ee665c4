package dev.octavo.ml;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.ingest.IngestResult;
import dev.octavo.ingest.IngestSettings;
import dev.octavo.ingest.TableIngest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** The images, labels and splits of a table, as an estimator's parameters name them. */
final class LabelledTable {
  private LabelledTable() {}

  /**
   * Checks that the columns are there and of the right types.
   *
   * @throws OctavoException.Usage if one isn't
   */
  static void check(StructType schema, FitParams<?> params) {
    ImageColumn.find(schema, params.value(params.inputCol()));
    DataType label = find(schema, params.value(params.labelCol()), "classes", "setLabelCol");
    if (!(label instanceof StringType || label instanceof NumericType)) {
      throw new OctavoException.Usage(
          "the column '%s' is %s, but classes are strings or numbers"
              .formatted(params.value(params.labelCol()), label.simpleString()));
    }
    params.optional(params.pathCol()).ifPresent(name -> find(schema, name, "names", "setPathCol"));
    params
        .optional(params.validationIndicatorCol())
        .ifPresent(
            name -> {
              DataType type =
                  find(schema, name, "rows to validate with", "setValidationIndicatorCol");
              if (!(type instanceof BooleanType)) {
                throw new OctavoException.Usage(
                    "the column '%s' is %s, but must be boolean: true for rows to validate with"
                        .formatted(name, type.simpleString()));
              }
            });
    SplitFractions.valOnly(params.value(params.validationFraction()));
  }

  private static DataType find(StructType schema, String name, String what, String setter) {
    List<String> names = Arrays.asList(schema.fieldNames());
    if (!names.contains(name)) {
      throw new OctavoException.Usage(
          "there is no column '%s' of %s (there are: %s): name it with %s"
              .formatted(name, what, String.join(", ", names), setter));
    }
    return schema.fields()[names.indexOf(name)].dataType();
  }

  /**
   * Writes the rows as a dataset.
   *
   * @param session for Octavo's own queries
   * @param classes in the order of their indices; empty for those of the rows
   */
  static IngestResult write(
      Dataset<?> table, FitParams<?> params, SparkSession session, List<String> classes, Path out)
      throws IOException {
    ImageColumn images = ImageColumn.find(table.schema(), params.value(params.inputCol()));
    Optional<String> path = params.optional(params.pathCol());
    Optional<String> indicator = params.optional(params.validationIndicatorCol());
    Column image = column(params.value(params.inputCol()));
    if (!images.type().equals(DataTypes.BinaryType)) {
      UDF1<Row, byte[]> file = PixelFile::of;
      image = udf(file, DataTypes.BinaryType).apply(image);
    }
    List<Column> columns = new ArrayList<>();
    columns.add(image.as(DatasetSchema.IMAGE));
    columns.add(column(params.value(params.labelCol())).as(DatasetSchema.LABEL));
    path.ifPresent(
        name -> columns.add(column(name).cast(DataTypes.StringType).as(DatasetSchema.PATH)));
    indicator.ifPresent(
        name ->
            columns.add(
                when(coalesce(column(name), lit(false)), DatasetSchema.VAL)
                    .otherwise(DatasetSchema.TRAIN)
                    .as(DatasetSchema.SPLIT)));
    DatasetManifest.Table read =
        new DatasetManifest.Table(
            "DataFrame",
            params.value(params.inputCol()),
            params.value(params.labelCol()),
            path,
            indicator);
    double fraction = params.value(params.validationFraction());
    return new TableIngest(
            session,
            table.select(columns.toArray(Column[]::new)),
            new IngestSettings(
                new Path("DataFrame"),
                new IngestSettings.ByTable(
                    read, Optional.of(SplitFractions.valOnly(fraction)), 0, classes),
                params.value(params.seed()),
                params.limits(),
                out,
                Destination.IfExists.FAIL))
        .execute();
  }

  /** The column of exactly that name, dots and all. */
  private static Column column(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
