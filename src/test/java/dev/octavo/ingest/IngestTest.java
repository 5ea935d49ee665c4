package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.FileTree;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.Datasets;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.ByLists;
import dev.octavo.ingest.IngestSettings.Splitting;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On two executor JVMs. */
final class IngestTest {
  @TempDir private Path work;

  @Test
  void everyFileBecomesARowOrAnEntryOfTheQuarantine() throws IOException {
    byte[] jpeg = TinyImages.write(40, 30, 1, "jpg");
    put("attic/plain.jpg", jpeg);
    put("attic/really a gif.jpg", TinyImages.write(8, 6, 2, "gif"));
    put("attic/_DSC0001.JPG", TinyImages.write(40, 30, 3, "jpg"));
    put("attic/cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
    put("attic/no end.jpg", Arrays.copyOf(jpeg, jpeg.length - 2));
    put("attic/large.png", TinyImages.png(101, 100));
    put("attic/long.bmp", new byte[30_001]);
    put("attic/empty.jpg", new byte[0]);
    put("attic/.hidden.jpg", jpeg);
    put("cellar/o'clock: 50%.jpg", TinyImages.write(40, 30, 4, "jpg"));
    put("cellar/notes.txt", "no image".getBytes(StandardCharsets.UTF_8));
    put("unlisted/other.png", TinyImages.png(5, 5));
    put("no class.png", TinyImages.png(6, 5));
    Path train =
        list(
            "train",
            "attic/plain.jpg",
            "attic/really a gif.jpg",
            "attic/_DSC0001.JPG",
            "attic/cut.jpg",
            "attic/no end.jpg",
            "attic/large.png",
            "attic/long.bmp",
            "attic/gone.jpg");
    Path test = list("test", "attic/empty.jpg", "cellar/o'clock: 50%.jpg", "cellar/notes.txt");

    IngestResult result = ingest(new ByLists(hadoop(train), hadoop(test), 0));

    assertThat(result.rowsPerSplit())
        .isEqualTo(Map.of("train", 4L, "val", 0L, "test", 1L, "extra", 2L));
    assertThat(result.quarantinedPerReason())
        .isEqualTo(
            Map.of(
                "truncated", 1L,
                "too-many-pixels", 1L,
                "too-many-bytes", 1L,
                "missing", 1L,
                "empty", 1L,
                "not-an-image", 1L));
    assertThat(result.filesSeen()).isEqualTo(12);
    assertThat(result.rows() + result.quarantined()).isEqualTo(12 + 1);
    assertThat(result.skipped()).isEqualTo(Map.of(FileTree.Skipped.HIDDEN, 1L));

    DatasetArtifact dataset = open(result);
    assertThat(dataset.classes()).containsExactly("attic", "cellar");
    assertThat(
            Datasets.texts(
                dataset, "path, label, label_id, split, format, width, height, orientation"))
        .containsExactlyInAnyOrder(
            "[attic/plain.jpg,attic,0,train,JPEG,40,30,1]",
            "[attic/really a gif.jpg,attic,0,train,GIF,8,6,1]",
            "[attic/_DSC0001.JPG,attic,0,train,JPEG,40,30,1]",
            "[attic/no end.jpg,attic,0,train,JPEG,40,30,1]",
            "[cellar/o'clock: 50%.jpg,cellar,1,test,JPEG,40,30,1]",
            "[unlisted/other.png,null,null,extra,PNG,5,5,1]",
            "[no class.png,null,null,extra,PNG,6,5,1]");
    assertThat(dataset.rows().where("path = 'attic/plain.jpg'").first().<byte[]>getAs("image"))
        .isEqualTo(jpeg);
    assertThat(Datasets.texts(dataset, "path, warning"))
        .filteredOn(row -> !row.endsWith(",null]"))
        .containsExactly(
            "[attic/no end.jpg,the JPEG has no end-of-image marker, but all of its 30 rows]");
    List<Row> quarantine = dataset.quarantine().orderBy("path").collectAsList();
    assertThat(quarantine)
        .extracting(row -> row.getString(0) + " " + row.getString(1) + " " + row.getString(2))
        .containsExactly(
            "attic/cut.jpg train truncated",
            "attic/empty.jpg test empty",
            "attic/gone.jpg train missing",
            "attic/large.png train too-many-pixels",
            "attic/long.bmp train too-many-bytes",
            "cellar/notes.txt test not-an-image");
    assertThat(quarantine.get(0).getString(4)).as("sha256 of what was read").hasSize(64);
    assertThat(quarantine.get(2).isNullAt(4)).as("sha256 of what was not").isTrue();
    assertThat(dataset.manifest().figures())
        .containsEntry("filesSeen", 12)
        .containsEntry("rows", 7)
        .containsEntry("quarantined", 6);
    assertThat(dataset.manifest().settings())
        .containsKeys("lists.trainSha256", "seed", "limits.maxPixels");
  }

  @Test
  void reportsImagesThatAreInMoreThanOneSplit() throws IOException {
    byte[] same = TinyImages.write(20, 20, 1, "png");
    put("a/1.png", same);
    put("a/2.png", same);
    put("a/3.png", same);
    put("a/4.png", TinyImages.write(20, 20, 99, "png"));
    Path train = list("train", "a/1.png", "a/2.png", "a/4.png");
    Path test = list("test", "a/3.png");
    IngestResult result = ingest(new ByLists(hadoop(train), hadoop(test), 0));
    assertThat(result.duplicates().copies()).isEqualTo(2);
    assertThat(result.duplicates().acrossSplits()).isEqualTo(1);
    assertThat(result.duplicates().examples()).containsExactly("test/a/3.png = train/a/2.png");
    assertThat(open(result).nearDuplicates().where("bits = -1").collectAsList())
        .extracting(Row::toString)
        .containsExactlyInAnyOrder(
            "[test,a/3.png,a,train,a/1.png,a,-1]", "[test,a/3.png,a,train,a/2.png,a,-1]");
  }

  @Test
  void theSplitByChanceIsTheSameEveryTime() throws IOException {
    for (int i = 0; i < 20; i++) {
      put("a/%d.png".formatted(i), TinyImages.write(4, 4, i, "png"));
      put("b/%d.png".formatted(i), TinyImages.write(4, 4, 100 + i, "png"));
    }
    Splitting splitting = ByFolders.atRandom(SplitFractions.DEFAULT);
    IngestResult first = ingest(splitting);
    assertThat(first.rowsPerSplit())
        .isEqualTo(Map.of("train", 28L, "val", 4L, "test", 8L, "extra", 0L));
    List<String> rows =
        Datasets.texts(open(first), "path, split, sha256, phash").stream().sorted().toList();
    IngestResult second = ingest(splitting, "again");
    assertThat(Datasets.texts(open(second), "path, split, sha256, phash"))
        .containsExactlyInAnyOrderElementsOf(rows);
  }

  @Test
  void refusesListsThatBelongToAnotherFolder() throws IOException {
    put("Images/a/1.png", TinyImages.png(4, 4));
    Path train = list("train", "a/1.png");
    Path test = list("test", "a/2.png");
    assertThatThrownBy(() -> ingest(new ByLists(hadoop(train), hadoop(test), 0.1)))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageMatching(
            "none of the 2 listed images is in .*photos \\(the first is 'a/1.png'\\): --images"
                + " must be the folder that the lists' paths start from");
    assertThat(leftovers()).as("nothing is left of a failed ingest").isEmpty();
  }

  @Test
  void refusesAFolderThatIsMissingEmptyOrWithoutClasses() throws IOException {
    Splitting splitting = ByFolders.atRandom(SplitFractions.DEFAULT);
    assertThatThrownBy(() -> ingest(splitting)).hasMessageMatching("the folder .* does not exist");
    Files.createDirectories(work.resolve("photos"));
    assertThatThrownBy(() -> ingest(splitting)).hasMessageMatching(".*photos holds no files");
    put("1.png", TinyImages.png(4, 4));
    assertThatThrownBy(() -> ingest(splitting))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageMatching(
            ".*photos holds no folders of classes: --images needs one folder per class");
  }

  private void put(String path, byte[] bytes) throws IOException {
    Path file = work.resolve("photos").resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private Path list(String name, String... paths) throws IOException {
    return Files.writeString(work.resolve(name + ".txt"), String.join("\n", paths));
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.contains("data")).toList();
    }
  }

  private IngestResult ingest(Splitting splitting) throws IOException {
    return ingest(splitting, "dataset");
  }

  private IngestResult ingest(Splitting splitting, String name) throws IOException {
    return new Ingest(
            LocalCluster.session(),
            new IngestSettings(
                hadoop(work.resolve("photos")),
                splitting,
                17,
                new DecodeLimits(10_000, 30_000),
                hadoop(work.resolve(name)),
                Destination.IfExists.FAIL))
        .execute();
  }

  private static DatasetArtifact open(IngestResult result) {
    return DatasetArtifact.open(LocalCluster.session(), result.dataset());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
