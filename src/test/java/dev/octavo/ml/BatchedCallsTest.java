package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.inference.PredictionColumns;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.ScalaCollections;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.ExplainMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Queries with the function, beside the transformer's predictions for the same images. */
class BatchedCallsTest {
  private static final int IMAGES = 40;

  @TempDir static Path work;
  private static SparkSession spark;

  /** The transformer's, by id. */
  private static Map<Integer, Row> expected;

  @BeforeAll
  static void layOutATable() throws IOException {
    spark = LocalCluster.session();
    String model = LibraryData.model(work.resolve("model"), 1);
    LibraryData.writeImages(work.resolve("images"), IMAGES);
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < IMAGES; id++) {
      rows.add(LibraryData.row(id, Files.readAllBytes(LibraryData.image(work, id))));
    }
    rows.add(LibraryData.row(IMAGES, null));
    rows.add(LibraryData.row(IMAGES + 1, "no image".getBytes(StandardCharsets.UTF_8)));
    String table = work.resolve("photos").toString();
    spark.createDataFrame(rows, LibraryData.TABLE).repartition(3).write().parquet(table);
    Dataset<Row> photos = spark.read().parquet(table);
    photos.createOrReplaceTempView("photos");
    OctavoFunctions.register(spark, model);
    expected =
        new OctavoClassifier()
            .setModel(model).transform(photos).collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getAs("id"), row -> row.getAs("prediction")));
    assertThat(expected.values().stream().map(BatchedCallsTest::label).distinct())
        .hasSizeGreaterThan(2);
  }

  private static String label(Row prediction) {
    return String.valueOf(prediction.<String>getAs("label"));
  }

  /** Nodes that classify, and calls that are left to Spark. */
  private static void assertPlan(Dataset<Row> query, int nodes, int calls) {
    LogicalPlan plan = query.queryExecution().optimizedPlan();
    assertThat(count(plan, p -> p instanceof Classify ? 1 : 0)).as("%s", plan).isEqualTo(nodes);
    assertThat(
            count(
                plan,
                p ->
                    p instanceof Classify
                        ? 0
                        : (int)
                            ScalaCollections.asJava(p.expressions()).stream()
                                .filter(BatchedCalls::hasCall)
                                .count()))
        .as("%s", plan)
        .isEqualTo(calls);
  }

  private static int count(LogicalPlan plan, Function<LogicalPlan, Integer> of) {
    return of.apply(plan)
        + ScalaCollections.asJava(plan.children()).stream().mapToInt(c -> count(c, of)).sum();
  }

  private static List<Row> rows(String query, int nodes, int calls) {
    Dataset<Row> result = spark.sql(query);
    assertPlan(result, nodes, calls);
    return result.collectAsList();
  }

  private static Map<String, Long> expectedCounts() {
    return expected.values().stream()
        .collect(Collectors.groupingBy(BatchedCallsTest::label, Collectors.counting()));
  }

  @Test
  void allColumnsAreTheTransformers() {
    List<Row> found = rows("SELECT id, octavo_classify(content) AS p, tags FROM photos", 1, 0);
    assertThat(found).hasSize(IMAGES + 2);
    for (Row row : found) {
      int id = row.getAs("id");
      assertThat(row.getList(2)).containsExactly("tag " + id);
      assertSame(row.getAs("p"), expected.get(id));
    }
    assertThat(found.stream().map(row -> row.<Row>getAs("p").<String>getAs("error")))
        .contains("missing: there is no image, but null")
        .anyMatch(error -> error != null && error.startsWith("not-an-image"));
  }

  /** Batches may hold other images, which may sum in another order. */
  private static void assertSame(Row found, Row wanted) {
    assertThat(found.schema()).isEqualTo(PredictionColumns.SCHEMA);
    for (String column : List.of("label", "label_id", "warning", "error", "review")) {
      assertThat(found.<Object>getAs(column)).isEqualTo(wanted.getAs(column));
    }
    if (wanted.getAs("error") == null) {
      assertThat(found.<Float>getAs("probability"))
          .isCloseTo(wanted.<Float>getAs("probability"), within(1e-4f));
      assertThat(found.getList(3)).hasSameSizeAs(wanted.getList(3));
    }
  }

  @Test
  void explainShowsTheNode() {
    Dataset<Row> query =
        spark.sql("SELECT id FROM photos WHERE octavo_classify(content).label = 'gym'");
    assertThat(query.queryExecution().explainString(ExplainMode.fromString("simple")))
        .containsPattern("Classify octavo_classify\\(content#\\d+\\), octavo_classify#\\d+");
    query.collectAsList();
    assertThat(query.queryExecution().executedPlan().toString())
        .contains("Classify octavo_classify(");
  }

  @Test
  void fieldsOfOneCallAreOfOneNode() {
    for (Row row :
        rows(
            "SELECT id, octavo_classify(content).label AS label, octavo_classify(content).top_k[0]"
                + ".probability AS p FROM photos",
            1,
            0)) {
      Row wanted = expected.get(row.<Integer>getAs("id"));
      assertThat(row.<String>getAs("label")).isEqualTo(wanted.getAs("label"));
      assertThat(row.isNullAt(2)).isEqualTo(wanted.getAs("label") == null);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          SELECT id, octavo_classify(content).label FROM photos WHERE octavo_classify(content).label = 'gym'
          SELECT id, p.label FROM (SELECT id, octavo_classify(content) AS p FROM photos) WHERE p.label = 'gym'
          WITH c AS (SELECT id, octavo_classify(content) AS p FROM photos) SELECT id, p.label FROM c WHERE p.label = 'gym'
          """)
  void aFilterAndAResultShareACall(String query) {
    assertThat(rows(query, 1, 0).stream().map(row -> row.getInt(0)))
        .containsExactlyInAnyOrderElementsOf(ids("gym"));
  }

  private static List<Integer> ids(String label) {
    return expected.entrySet().stream()
        .filter(entry -> label(entry.getValue()).equals(label))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Test
  void termsWithoutACallComeFirst() {
    Dataset<Row> query =
        spark.sql(
            "SELECT id FROM photos WHERE octavo_classify(content).label = 'gym' AND id < 20"
                + " AND octavo_classify(content).error IS NULL");
    assertPlan(query, 1, 0);
    assertThat(query.collectAsList().stream().map(row -> row.getInt(0)))
        .containsExactlyInAnyOrderElementsOf(ids("gym").stream().filter(id -> id < 20).toList());
    String plan = query.queryExecution().sparkPlan().toString();
    assertThat(plan.indexOf("(id#")).as(plan).isGreaterThan(plan.indexOf("Classify"));
    assertThat(plan).contains("LessThan(id,20)").doesNotContain("tags");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          SELECT octavo_classify(content).label AS label, count(*) FROM photos GROUP BY octavo_classify(content).label; 1
          SELECT octavo_classify(content).label AS label, count(*) FROM photos GROUP BY label ORDER BY label; 1
          SELECT p.label, count(*) FROM (SELECT octavo_classify(content) AS p FROM photos) GROUP BY p.label HAVING count(p) > 0; 1
          SELECT label, count(*) FROM photos LATERAL VIEW explode(array(octavo_classify(content).label)) AS label GROUP BY label; 1
          SELECT l.label, count(*) FROM photos, LATERAL (SELECT octavo_classify(content).label AS label) AS l GROUP BY l.label; 1
          SELECT label, sum(n) FROM (SELECT octavo_classify(content).label AS label, 1 AS n FROM photos WHERE id < 5 UNION ALL SELECT octavo_classify(content).label, 1 FROM photos WHERE id >= 5) GROUP BY label; 2
          """)
  void predictionsAreCounted(String query, int nodes) {
    assertThat(
            rows(query, nodes, 0).stream()
                .collect(
                    Collectors.toMap(
                        row -> String.valueOf(row.getString(0)), row -> row.getLong(1))))
        .isEqualTo(expectedCounts());
  }

  @Test
  void aggregatesTakeCallsAndGiveTheirArguments() {
    Row row =
        rows(
                "SELECT count(DISTINCT octavo_classify(content).label), count(*) FILTER (WHERE"
                    + " octavo_classify(content).error IS NOT NULL) FROM photos",
                1,
                0)
            .get(0);
    assertThat(row.getLong(0)).isEqualTo(expectedCounts().keySet().size() - 1L);
    assertThat(row.getLong(1)).isEqualTo(2);
    for (Row ofImage :
        rows("SELECT octavo_classify(max(content)).label, min(id) FROM photos GROUP BY id", 1, 0)) {
      assertThat(String.valueOf(ofImage.getString(0)))
          .isEqualTo(label(expected.get(ofImage.getInt(1))));
    }
    for (Row ofImage :
        rows(
            "SELECT octavo_classify(content).label, min(id), count(*) FROM photos GROUP BY content",
            1,
            0)) {
      assertThat(String.valueOf(ofImage.getString(0)))
          .isEqualTo(label(expected.get(ofImage.getInt(1))));
    }
  }

  @Test
  void sortsWindowsAndJoinsTakeCalls() {
    List<Row> sorted =
        rows("SELECT id FROM photos ORDER BY octavo_classify(content).label NULLS FIRST, id", 1, 0);
    assertThat(
            sorted.stream()
                .map(row -> label(expected.get(row.getInt(0))))
                .filter(l -> !l.equals("null")))
        .isSorted();
    assertThat(sorted).hasSize(IMAGES + 2);
    List<Row> first =
        rows(
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY octavo_classify(content).label"
                + " ORDER BY id) AS n FROM photos) WHERE n = 1",
            1,
            0);
    assertThat(first).hasSize(expectedCounts().size());
    spark
        .sql("SELECT * FROM VALUES ('gym', 1), ('bar', 2) AS t(label, n)")
        .createOrReplaceTempView("wanted");
    List<Row> joined =
        rows(
            "SELECT id, n FROM photos JOIN wanted ON octavo_classify(content).label = wanted.label",
            1,
            0);
    assertThat(joined).hasSize(ids("gym").size() + ids("bar").size());
    assertThat(
            rows(
                "SELECT id FROM photos WHERE octavo_classify(content).label IN (SELECT label FROM wanted)",
                1,
                0))
        .hasSameSizeAs(joined);
    assertThat(
            rows(
                "SELECT label FROM wanted WHERE EXISTS (SELECT 1 FROM photos WHERE octavo_classify(content).label = wanted.label)",
                1,
                0))
        .hasSize(List.of("gym", "bar").stream().filter(l -> !ids(l).isEmpty()).toList().size());
  }

  @Test
  void viewsAndCachedTablesTakeCalls() {
    spark.sql(
        "CREATE OR REPLACE TEMP VIEW labels AS SELECT id, octavo_classify(content).label AS label FROM photos");
    assertThat(rows("SELECT id FROM labels WHERE label = 'gym'", 1, 0)).hasSameSizeAs(ids("gym"));
    spark.sql("CACHE TABLE labels");
    assertThat(rows("SELECT id FROM labels WHERE label = 'gym'", 0, 0)).hasSameSizeAs(ids("gym"));
    spark.sql("UNCACHE TABLE labels");
    assertThat(
            spark
                .sql(
                    "SELECT (SELECT count(*) FROM photos WHERE octavo_classify(content).label = 'gym')")
                .first()
                .getLong(0))
        .isEqualTo(ids("gym").size());
  }

  @Test
  void severalFunctionsAndImagesAreNodesEach() throws IOException {
    OctavoFunctions.register(
        spark,
        "other_classify",
        new OctavoClassifier().setModel(LibraryData.model(work.resolve("other"), 2)).setTopK(1));
    List<Row> found =
        rows(
            "SELECT id, octavo_classify(content) AS p, other_classify(content) AS q FROM photos",
            2,
            0);
    for (Row row : found) {
      assertSame(row.getAs("p"), expected.get(row.<Integer>getAs("id")));
      assertThat(row.<Row>getAs("q").<String>getAs("error"))
          .isEqualTo(row.<Row>getAs("p").getAs("error"));
    }
  }

  @Test
  void whatMayNotBeNeededAndElementsOfArraysAreLeftToSpark() {
    for (Row row :
        rows(
            "SELECT id, CASE WHEN id < 3 THEN octavo_classify(content).label ELSE 'later' END FROM photos",
            0,
            1)) {
      assertThat(String.valueOf(row.getString(1)))
          .isEqualTo(row.getInt(0) < 3 ? label(expected.get(row.getInt(0))) : "later");
    }
    for (Row row :
        rows(
            "SELECT id, transform(array(content), c -> octavo_classify(c).label)[0] FROM photos",
            0,
            1)) {
      assertThat(String.valueOf(row.getString(1))).isEqualTo(label(expected.get(row.getInt(0))));
    }
    for (Row row :
        rows("SELECT id, coalesce(octavo_classify(content).label, 'none') FROM photos", 1, 0)) {
      assertThat(row.getString(1))
          .isEqualTo(label(expected.get(row.getInt(0))).replace("null", "none"));
    }
  }
}
