package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.inference.Outputs;
import dev.octavo.latency.LatencyRow;
import dev.octavo.results.InputSource;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores grow round by round, whatever ends the program in between. */
class RoundsTest {
  @TempDir private Path directory;
  private Path images;

  @BeforeEach
  void fillAFolder() throws IOException {
    images = directory.resolve("images");
    Images.fill(images.resolve("gym"), 0, 12);
  }

  private Scoring scoring() throws IOException {
    return new Scoring(LocalCluster.session(), directory);
  }

  private static List<LatencyRow> latency(ScoreResult result) {
    return result.metrics().models().get(0).latency();
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void timesModelsOnlyWhereThatIsAskedFor() throws IOException {
    assertThat(latency(scoring().run())).isEmpty();
    ScoreResult timed = scoring().latencyTime(Duration.ofMillis(20)).run();
    assertThat(timed.added()).isZero();
    assertThat(latency(timed)).extracting("batchSize").containsExactly(8, 16);
    assertThat(latency(scoring().run())).isEqualTo(latency(timed));
  }

  @Test
  void scoresWhatCameSinceTheLastRunAndNothingElse() throws IOException {
    ScoreResult first = scoring().commitFiles(5).run();
    assertThat(first.added()).isEqualTo(12);
    scoring().assertScoredOnce(Images.below(images));
    assertThat(rounds()).isEqualTo(Map.of(0, 5L, 1, 5L, 2, 2L));
    assertThat(names()).containsExactly("images", "model", "scores");

    Images.fill(images.resolve("bar"), 0, 3);
    ScoreResult second = scoring().run();
    assertThat(second.added()).isEqualTo(3);
    assertThat(second.metrics().inputs()).isEqualTo(15);
    assertThat(second.throughput().stream().mapToLong(r -> r.images() + r.failures()).sum())
        .isEqualTo(15);
    scoring().assertScoredOnce(Images.below(images));
    assertThat(rounds()).isEqualTo(Map.of(0, 5L, 1, 5L, 2, 2L, 3, 3L));

    Map<Path, FileTime> before = filesOf("scores");
    ScoreResult third = scoring().run();
    assertThat(third.added()).isZero();
    assertThat(third.metrics()).isEqualTo(second.metrics());
    assertThat(filesOf("scores")).isEqualTo(before);
    assertThat(names()).containsExactly("images", "model", "scores");
  }

  private Map<Integer, Long> rounds() throws IOException {
    return scoring().predictions().stream()
        .collect(Collectors.groupingBy(r -> r.<Integer>getAs("round"), Collectors.counting()));
  }

  private Map<Path, FileTime> filesOf(String name) throws IOException {
    Map<Path, FileTime> times = new TreeMap<>();
    try (var walk = Files.walk(directory.resolve(name))) {
      for (Path file : walk.toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  @Test
  void aRoundIsOneFilePerModelSortedByPath() throws IOException {
    scoring().run();
    List<Path> files = new ArrayList<>();
    try (var walk = Files.walk(directory.resolve("scores/predictions"))) {
      walk.filter(f -> f.toString().endsWith(".parquet")).forEach(files::add);
    }
    assertThat(files).hasSize(1);
    List<String> paths =
        LocalCluster.session().read().parquet(files.get(0).toString()).collectAsList().stream()
            .map(row -> row.<String>getAs("path"))
            .toList();
    assertThat(paths).isSorted().hasSize(12);
  }

  @Test
  void refusesToMixTheScoresOfTwoRunsAndSaysWhatDiffers() throws IOException {
    scoring().run();
    Scoring other = scoring().outputs(Outputs.top(3));
    assertThatThrownBy(other::run)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining(
            "scores holds the scores of another run (outputs.topK was 2 and is 3)")
        .hasMessageEndingWith("choose another --out, or pass --overwrite");
    assertThat(other.overwrite().run().added()).isEqualTo(12);
    assertThat(other.predictions()).hasSize(12);
    assertThat(names()).containsExactly("images", "model", "scores");
  }

  @Test
  void refusesADirectoryThatIsNoArtifact() throws IOException {
    Path file = Files.createDirectory(directory.resolve("scores")).resolve("thesis.txt");
    Files.writeString(file, "mine");
    assertThatThrownBy(() -> scoring().overwrite().run())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("is not an Octavo artifact");
    assertThat(file).hasContent("mine");
  }

  @Test
  void marksWhatIsLessProbableForReviewAndKeepsAllProbabilitiesIfAsked() throws IOException {
    Files.writeString(images.resolve("notes.txt"), "no image");
    scoring().outputs(new Outputs(1, true, false, 0.5)).run();
    for (Row row : scoring().predictions()) {
      if (row.getAs("error") != null) {
        assertThat(row.<Boolean>getAs("review")).isTrue();
        assertThat(row.<Object>getAs("probabilities")).isNull();
      } else {
        float probability = row.<Float>getAs("probability");
        assertThat(row.<Boolean>getAs("review")).isEqualTo(probability < 0.5);
        List<Float> all = row.getList(row.fieldIndex("probabilities"));
        assertThat(all).hasSize(3).contains(probability);
        assertThat(all.get(row.<Integer>getAs("label_id"))).isEqualTo(probability);
      }
      assertThat(row.<Object>getAs("embedding")).isNull();
    }
  }

  @Test
  void keepsWhatTheClassifierReadsIfAsked() throws IOException {
    scoring().outputs(new Outputs(3, false, true, 0)).run();
    scoring().out("plain").outputs(Outputs.top(3)).run();
    assertThat(scoring().predictions())
        .allSatisfy(row -> assertThat(row.getList(row.fieldIndex("embedding"))).hasSize(512));
    assertThat(probabilities("scores")).isEqualTo(probabilities("plain"));
  }

  private Map<String, Float> probabilities(String out) throws IOException {
    return scoring().out(out).predictions().stream()
        .collect(Collectors.toMap(r -> r.getAs("path"), r -> r.<Float>getAs("probability")));
  }

  @Test
  void givesUpAnImageThatTakesTooLongToDecode() throws IOException {
    Images.write(images.resolve("huge.png"), 7000, 7000, new java.util.Random(1));
    scoring().decodeTime(Duration.ofMillis(60)).run();
    scoring().assertScoredOnce(Images.below(images));
    Map<String, String> errors = new TreeMap<>();
    for (Row row : scoring().predictions()) {
      if (row.getAs("error") != null) {
        errors.put(row.getAs("path"), row.getAs("error"));
      }
    }
    assertThat(errors)
        .isEqualTo(Map.of("huge.png", "too-slow: decoding took longer than the limit of 0.060 s"));
  }

  @Test
  void remarksALostEndMarker() throws IOException {
    Path image = images.resolve("lost.jpg");
    Images.write(image, 60, 50, new java.util.Random(1));
    byte[] whole = Files.readAllBytes(image);
    Files.write(image, Arrays.copyOf(whole, whole.length - 2));
    scoring().run();
    List<Row> remarked =
        scoring().predictions().stream().filter(r -> r.getAs("warning") != null).toList();
    assertThat(remarked)
        .extracting(r -> r.getAs("path") + ": " + r.getAs("warning") + ", " + r.getAs("error"))
        .containsExactly(
            "lost.jpg: the JPEG has no end-of-image marker, but all of its 50 rows, null");
  }

  @Test
  void onlyAFolderIsWatched() throws IOException {
    ScoreSettings settings =
        scoring()
            .source(new InputSource.PathList(new org.apache.hadoop.fs.Path("list.txt"), "path"))
            .settings();
    assertThatThrownBy(() -> new Watch(LocalCluster.session(), settings, Duration.ofMillis(10)))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("--watch goes with --images: only a folder keeps filling");
  }

  @Test
  void watchesAFolderAndTakesFilesOnceTheyStayAsTheyAre() throws IOException {
    Scoring scoring = scoring();
    Watch watch = new Watch(LocalCluster.session(), scoring.settings(), Duration.ofMillis(10));
    List<Long> added = new ArrayList<>();
    watch.run(
        result -> {
          added.add(result.added());
          if (added.size() == 1) {
            assertThat(result.metrics().inputs()).isEqualTo(12);
            fillMore();
          } else {
            watch.stop();
          }
        },
        missed -> {});
    assertThat(added).containsExactly(12L, 4L);
    scoring.assertScoredOnce(Images.below(images));
  }

  @Test
  void aWatchedFolderThatIsAwayForALookIsLookedForAgain() throws IOException {
    Scoring scoring = scoring();
    Path elsewhere = directory.resolve("elsewhere");
    Watch watch = new Watch(LocalCluster.session(), scoring.settings(), Duration.ofMillis(10));
    List<String> events = new ArrayList<>();
    watch.run(
        result -> {
          events.add("added " + result.added());
          if (events.size() == 1) {
            move(images, elsewhere);
          } else {
            watch.stop();
          }
        },
        missed -> {
          events.add(missed);
          move(elsewhere, images);
          fillMore();
        });
    assertThat(events)
        .containsExactly(
            "added 12",
            "there is no folder file:%s (option --images); looking again until it is there"
                .formatted(images),
            "added 4");
    scoring.assertScoredOnce(Images.below(images));
  }

  @Test
  void aWatchedFolderThatNeverWasIsRefused() throws IOException {
    Scoring scoring = scoring();
    move(images, directory.resolve("elsewhere"));
    Watch watch = new Watch(LocalCluster.session(), scoring.settings(), Duration.ofMillis(10));
    assertThatThrownBy(() -> watch.run(added -> {}, missed -> {}))
        .isInstanceOf(OctavoException.class)
        .hasMessage("there is no folder file:%s (option --images)", images);
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void fillMore() {
    try {
      Images.fill(images.resolve("gym"), 12, 16);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
