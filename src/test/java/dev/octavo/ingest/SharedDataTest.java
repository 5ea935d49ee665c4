package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.artifact.Destination;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.ByLists;
import dev.octavo.ingest.IngestSettings.Splitting;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the real images and lists beside the checkout, where they are there. */
final class SharedDataTest {
  private static final Path DATA = Path.of("../shared/data");

  @TempDir private Path work;

  @BeforeAll
  static void needsTheSharedData() {
    assumeTrue(Files.isDirectory(DATA), "../shared/data is not there");
  }

  @Test
  void roomsBecome1080TrainAnd120ValAnd300TestRows() throws IOException {
    Path rooms = DATA.resolve("rooms");
    IngestResult result =
        ingest(
            rooms.resolve("Images"),
            lists(rooms.resolve("TrainImages.txt"), rooms.resolve("TestImages.txt")));
    assertThat(result.rowsPerSplit())
        .isEqualTo(Map.of("train", 1080L, "val", 120L, "test", 300L, "extra", 0L));
    assertThat(result.quarantinedPerReason()).isEmpty();
    assertThat(result.classes()).isEqualTo(6);

    DatasetArtifact dataset = open(result);
    assertThat(dataset.classes()).hasSize(6).isSorted();
    assertThat(dataset.split("val").groupBy("label_id").count().collectAsList())
        .extracting(row -> row.getLong(1))
        .as("val is stratified")
        .containsOnly(20L);
    Row row = dataset.rows().where("path = 'bathroom/t_00000001.jpg'").first();
    assertThat(row.<byte[]>getAs(DatasetSchema.IMAGE))
        .isEqualTo(Files.readAllBytes(rooms.resolve("Images/bathroom/t_00000001.jpg")));
    assertThat(row.<Integer>getAs(DatasetSchema.LABEL_ID)).isEqualTo(0);
    assertThat(row.<Integer>getAs(DatasetSchema.WIDTH)).isEqualTo(256);
  }

  @Test
  void everyNastyFileIsARowOrInTheQuarantine() throws IOException {
    Path nasty = DATA.resolve("nasty");
    IngestResult result = ingest(nasty, ByFolders.atRandom(SplitFractions.DEFAULT));
    DatasetArtifact dataset = open(result);
    Set<String> rows = paths(dataset.rows());
    Set<String> quarantined = paths(dataset.quarantine());

    Set<String> files = new TreeSet<>();
    try (Stream<Path> tree = Files.walk(nasty)) {
      tree.filter(Files::isRegularFile)
          .forEach(file -> files.add(nasty.relativize(file).toString().replace('\\', '/')));
    }
    assertThat(rows).doesNotContainAnyElementsOf(quarantined);
    Set<String> both = new TreeSet<>(rows);
    both.addAll(quarantined);
    assertThat(both).isEqualTo(files);

    // What Pillow decodes, we decode, at the same size; we also take a PNG whose broken text chunk
    // Pillow trips over.
    Map<String, String> sizes =
        dataset.rows().collectAsList().stream()
            .collect(
                Collectors.toMap(
                    row -> row.<String>getAs(DatasetSchema.PATH),
                    row ->
                        "(%d, %d)"
                            .formatted(
                                row.<Integer>getAs(DatasetSchema.WIDTH),
                                row.<Integer>getAs(DatasetSchema.HEIGHT))));
    for (String line : Files.readAllLines(nasty.resolve("reference.tsv"))) {
      List<String> columns = List.of(line.split("\t", -1));
      if (columns.get(1).startsWith("OK")) {
        assertThat(columns.get(1)).contains(sizes.getOrDefault(columns.get(0), columns.get(0)));
      }
    }
    assertThat(quarantined)
        .containsExactlyInAnyOrder(
            "libjpeg_turbo/monkey12.jpg",
            "pillow/broken_data_stream.png",
            "pillow/decompression_bomb.gif",
            "pillow/zero_width.gif",
            "reference.tsv");
  }

  @Test
  void theOfficialListsAreFoundInAFolderOfTheirNames() throws IOException {
    Path lists = DATA.resolve("indoor67-lists");
    Path train = lists.resolve("TrainImages.txt");
    Path test = lists.resolve("TestImages.txt");
    byte[] image = TinyImages.png(2, 2);
    for (Path list : List.of(train, test)) {
      for (String name : Files.readAllLines(list)) {
        // Some copies of Indoor-67 have this one image under another name than the list.
        Path file = work.resolve("photos").resolve(name.replace(".jpg.jpg", ".jpg"));
        Files.createDirectories(file.getParent());
        Files.write(file, image);
      }
    }
    IngestResult result = ingest(work.resolve("photos"), lists(train, test));
    assertThat(result.quarantinedPerReason()).isEmpty();
    assertThat(result.classes()).isEqualTo(67);
    assertThat(result.rowsPerSplit().get("train") + result.rowsPerSplit().get("val"))
        .isEqualTo(5360);
    assertThat(result.rowsPerSplit()).containsEntry("test", 1340L).containsEntry("extra", 0L);
    assertThat(result.renamed())
        .containsExactly("nursery/baby's_room.jpg.jpg (nursery/baby's_room.jpg)");
  }

  private static DatasetArtifact open(IngestResult result) {
    return DatasetArtifact.open(LocalCluster.session(), result.dataset());
  }

  private static Set<String> paths(Dataset<Row> rows) {
    return new TreeSet<>(rows.select("path").as(Encoders.STRING()).collectAsList());
  }

  private IngestResult ingest(Path images, Splitting splitting) throws IOException {
    return new Ingest(
            LocalCluster.session(),
            new IngestSettings(
                hadoop(images),
                splitting,
                17,
                DecodeLimits.DEFAULT,
                hadoop(work.resolve("dataset")),
                Destination.IfExists.FAIL))
        .execute();
  }

  private static ByLists lists(Path train, Path test) {
    return new ByLists(hadoop(train), hadoop(test), 0.1);
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
