package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Hashes;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.Datasets;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.ingest.IngestSettings.ByTable;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On two executor JVMs. */
final class TableIngestTest {
  private static final DataType TEXT = DataTypes.StringType;

  @TempDir private Path work;
  private final List<Row> rows = new ArrayList<>();

  private static byte[] png(int variant) throws IOException {
    return TinyImages.write(20 + variant, 20, variant, "png");
  }

  private void row(String path, Object label, byte[] image, String split) {
    rows.add(RowFactory.create(path, label, image, split));
  }

  @Test
  void everyRowOfATableBecomesARowOrAnEntryOfTheQuarantine() throws IOException {
    row("one", "gym", png(1), "train");
    row("two: a colon", "gym", png(2), "Validation");
    row("three", "bar", png(3), "test");
    row("four", "bar", png(1), "extra");
    row("five", "bar", png(5), null);
    row("six", null, png(6), "train");
    row("seven", " ", png(7), "test");
    row("eight", "bar", "no image".getBytes(StandardCharsets.UTF_8), "train");
    row("nine", "pub", null, "train");
    row("ten", "bar", png(4), "train");
    IngestResult result = ingest(TEXT, true, true, Optional.empty(), 0, List.of());

    assertThat(result.rowsPerSplit())
        .isEqualTo(Map.of("train", 2L, "val", 1L, "test", 1L, "extra", 4L));
    assertThat(result.quarantinedPerReason()).isEqualTo(Map.of("not-an-image", 1L, "no-image", 1L));
    assertThat(result.filesSeen()).isEqualTo(10);
    assertThat(result.notes())
        .contains(
            "split by the column 'split'",
            "the class 'pub' has no image left: all of its files are quarantined");
    DatasetArtifact dataset = open(result);
    assertThat(dataset.classes()).containsExactly("bar", "gym", "pub");
    assertThat(Datasets.texts(dataset, "path, label, label_id, split, format, width"))
        .containsExactlyInAnyOrder(
            "[one,gym,1,train,PNG,21]",
            "[two: a colon,gym,1,val,PNG,22]",
            "[three,bar,0,test,PNG,23]",
            "[four,bar,0,extra,PNG,21]",
            "[five,bar,0,extra,PNG,25]",
            "[six,null,null,extra,PNG,26]",
            "[seven,null,null,extra,PNG,27]",
            "[ten,bar,0,train,PNG,24]");
    assertThat(dataset.rows().where("path = 'three'").first().<byte[]>getAs("image"))
        .isEqualTo(png(3));
    assertThat(dataset.quarantine().select("path", "split", "reason").collectAsList())
        .extracting(Row::toString)
        .containsExactlyInAnyOrder("[eight,train,not-an-image]", "[nine,train,no-image]");
    assertThat(dataset.manifest().settings())
        .containsEntry("table.format", "parquet")
        .containsEntry("table.path", "path")
        .containsEntry("table.split", "split");
  }

  @Test
  void rowsWithoutNamesAreCalledAfterClassAndHashWhateverTheirOrder() throws IOException {
    row(null, "a", png(1), "train");
    row(null, "a", png(1), "val");
    row(null, "a", png(1), "train");
    row(null, "b", png(1), "train");
    row(null, null, png(2), "train");
    row(null, "b", null, "train");
    IngestResult first = ingest(TEXT, false, true, Optional.empty(), 0, List.of());
    String one = Hashes.sha256(png(1));
    assertThat(Datasets.texts(open(first), "path, split"))
        .containsExactlyInAnyOrder(
            "[a/" + one + ",train]",
            "[a/" + one + "-2,train]",
            "[a/" + one + "-3,val]",
            "[b/" + one + ",train]",
            "[" + Hashes.sha256(png(2)) + ",extra]");
    assertThat(open(first).quarantine().first().getString(0)).isEqualTo("b/none");
    assertThat(first.duplicates().copies()).isEqualTo(3);
    Collections.shuffle(rows, new Random(1));
    work = work.resolve("again");
    IngestResult second = ingest(TEXT, false, true, Optional.empty(), 0, List.of());
    assertThat(Datasets.texts(open(second), "path, split, sha256"))
        .containsExactlyInAnyOrderElementsOf(Datasets.texts(open(first), "path, split, sha256"));
  }

  @Test
  void numbersAreClassesInTheirOrderAndSplitsMayBeByChance() throws IOException {
    for (int i = 0; i < 30; i++) {
      row("row " + i, i % 3 == 0 ? 10.0 : i % 3 == 1 ? 9.0 : 0.5, png(i), null);
    }
    row("none", Double.NaN, png(31), null);
    IngestResult result =
        ingest(
            DataTypes.DoubleType,
            true,
            false,
            Optional.of(new SplitFractions(0.5, 0.2, 0.3)),
            0,
            List.of());
    assertThat(open(result).classes()).containsExactly("0.5", "9", "10");
    assertThat(result.rowsPerSplit())
        .isEqualTo(Map.of("train", 15L, "val", 6L, "test", 9L, "extra", 1L));
  }

  @Test
  void valIsCarvedOutOfTrainWhereNoRowIsCalledSo() throws IOException {
    for (int i = 0; i < 20; i++) {
      row("row " + i, "ab".substring(i % 2, i % 2 + 1), png(i), i < 16 ? "train" : "test");
    }
    IngestResult result = ingest(TEXT, true, true, Optional.empty(), 0.25, List.of());
    assertThat(result.rowsPerSplit())
        .isEqualTo(Map.of("train", 12L, "val", 4L, "test", 4L, "extra", 0L));
    assertThat(result.notes().get(0)).endsWith("with 0.25 of each class of train as val");
  }

  @Test
  void refusesNamesSplitsAndClassesThatCannotBe() throws IOException {
    row("one", "a", png(1), "train");
    row("one", "a", png(2), "train");
    refuses(List.of(), "must name each row, and each by another name: several rows are called one");
    rows.set(1, RowFactory.create(null, "a", png(2), "train"));
    refuses(List.of(), "must name each row, and each by another name: there is a null");
    rows.set(1, RowFactory.create("two", "a", png(2), "holdout"));
    refuses(
        List.of(), "the column 'split' says 'holdout', but a split is train, val, test or extra");
    rows.set(1, RowFactory.create("two", "c", png(2), "val"));
    refuses(List.of("b", "a"), "the column 'label' has classes that the model doesn't know: c");
    rows.set(1, RowFactory.create("two", "a", png(2), "val"));
    assertThat(open(ingest(TEXT, true, true, Optional.empty(), 0, List.of("b", "a"))).classes())
        .containsExactly("b", "a");
    rows.clear();
    row("one", null, png(1), "train");
    work = work.resolve("other");
    refuses(List.of(), "no row has a class: the column 'label' is null or empty throughout");
  }

  private void refuses(List<String> classes, String message) {
    assertThatThrownBy(() -> ingest(TEXT, true, true, Optional.empty(), 0, classes))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining(message);
  }

  private IngestResult ingest(
      DataType label,
      boolean path,
      boolean split,
      Optional<SplitFractions> fractions,
      double valFraction,
      List<String> classes)
      throws IOException {
    var table =
        LocalCluster.session()
            .createDataFrame(
                rows,
                new StructType()
                    .add("path", TEXT)
                    .add("label", label)
                    .add("image", DataTypes.BinaryType)
                    .add("split", TEXT))
            .repartition(3);
    if (!path) {
      table = table.drop("path");
    }
    if (!split) {
      table = table.drop("split");
    }
    return new TableIngest(
            LocalCluster.session(),
            table,
            new IngestSettings(
                new org.apache.hadoop.fs.Path("/lake/photos"),
                new ByTable(
                    new DatasetManifest.Table(
                        "parquet",
                        "image",
                        "label",
                        path ? Optional.of("path") : Optional.empty(),
                        split ? Optional.of("split") : Optional.empty()),
                    fractions,
                    valFraction,
                    classes),
                17,
                DecodeLimits.DEFAULT,
                new org.apache.hadoop.fs.Path(work.resolve("data").toUri()),
                Destination.IfExists.FAIL))
        .execute();
  }

  private static DatasetArtifact open(IngestResult result) {
    return DatasetArtifact.open(LocalCluster.session(), result.dataset());
  }
}
