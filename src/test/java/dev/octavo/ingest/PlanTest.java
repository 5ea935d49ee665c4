package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.dataset.SplitLists;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  @TempDir private Path folder;

  private Listing listing(String... files) throws IOException {
    for (String file : files) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.writeString(folder.resolve(file), "x");
    }
    return Listing.of(new Configuration(), new org.apache.hadoop.fs.Path(folder.toString()));
  }

  private static ByFolders by(Layout layout) {
    return new ByFolders(Optional.empty(), layout, 0);
  }

  private static List<String> labels(Plan plan, String split) {
    return plan.sources().getOrDefault(split, List.of()).stream()
        .map(source -> source.path() + " " + source.label())
        .toList();
  }

  @Test
  void foldersOfSplitsAreTheSplits() throws IOException {
    Listing listing =
        listing(
            "Train/gym/1.jpg", "Train/bar/1.jpg", "test/gym/1.jpg", "valid/bar/2.jpg", "note.txt");
    Plan plan = Plan.byFolders(listing, by(Layout.AUTO), 17);
    assertThat(plan.classes()).containsExactly("bar", "gym");
    assertThat(labels(plan, "train")).containsExactly("Train/bar/1.jpg bar", "Train/gym/1.jpg gym");
    assertThat(labels(plan, "test")).containsExactly("test/gym/1.jpg gym");
    assertThat(labels(plan, "val")).containsExactly("valid/bar/2.jpg bar");
    assertThat(labels(plan, "extra")).containsExactly("note.txt null");
    assertThat(plan.words())
        .isEqualTo(
            "split by the folders Train, test, valid (--layout classes would take them for"
                + " classes)");
    assertThat(Plan.byFolders(listing, by(Layout.CLASSES), 17).classes())
        .containsExactly("Train/bar", "Train/gym", "test/gym", "valid/bar");
    assertThatThrownBy(
            () ->
                Plan.byFolders(
                    listing,
                    new ByFolders(Optional.of(SplitFractions.DEFAULT), Layout.AUTO, 0),
                    17))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("the folders Train, test, valid of ")
        .hasMessageEndingWith(
            "are its splits: leave --split out, or pass --layout classes to take them for classes");
  }

  @Test
  void valIsCarvedOutOfTrainWhereThereIsNone() throws IOException {
    String[] files = new String[24];
    for (int i = 0; i < 20; i++) {
      files[i] = "train/gym/%d.jpg".formatted(i);
    }
    for (int i = 20; i < 24; i++) {
      files[i] = "test/gym/%d.jpg".formatted(i);
    }
    Plan plan =
        Plan.byFolders(listing(files), new ByFolders(Optional.empty(), Layout.AUTO, 0.1), 1);
    assertThat(labels(plan, "train")).hasSize(18);
    assertThat(labels(plan, "val")).hasSize(2).allMatch(name -> name.startsWith("train/gym/"));
    assertThat(labels(plan, "test")).hasSize(4);
  }

  @Test
  void foldersThatOnlyLookLikeSplitsAreClasses() throws IOException {
    Listing listing = listing("train/1.jpg", "train/2.jpg", "test/3.jpg");
    assertThat(Plan.byFolders(listing, by(Layout.AUTO), 17).classes())
        .containsExactly("test", "train");
    assertThatThrownBy(() -> Plan.byFolders(listing, by(Layout.SPLITS), 17))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("is not laid out in splits: --layout splits needs train/CLASS/FILE");
  }

  @Test
  void classesWithinClassesAreRefused() throws IOException {
    Listing listing = listing("kitchen/1.jpg", "kitchen/sub/2.jpg", "gym/3.jpg");
    assertThatThrownBy(() -> Plan.byFolders(listing, by(Layout.AUTO), 17))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("'kitchen' holds files and 'kitchen/sub' below it does, too:")
        .hasMessageContaining("move the files up or the folder out, or pass --layout classes");
    assertThat(Plan.byFolders(listing, by(Layout.CLASSES), 17).classes())
        .containsExactly("gym", "kitchen", "kitchen/sub");
  }

  @Test
  void namesInListsAndOnDiskMayDifferInUnicodesForms() throws IOException {
    Listing listing = listing("cafe\u0301/1.jpg", "gym/e\u0301.jpg", "gym/o\u0308.jpg");
    SplitLists lists =
        new SplitLists(
            new TreeSet<>(List.of("caf\u00e9/1.jpg", "gym/\u00e9.jpg")),
            new TreeSet<>(List.of("gym/o\u0308.jpg")),
            0,
            "",
            "");
    Plan plan = Plan.byLists(listing, lists, 0, 17);
    assertThat(plan.missing()).isEmpty();
    assertThat(labels(plan, "train"))
        .containsExactly("caf\u00e9/1.jpg caf\u00e9", "gym/\u00e9.jpg gym");
    assertThat(labels(plan, "test")).containsExactly("gym/o\u0308.jpg gym");
  }
}
