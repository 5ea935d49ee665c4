package dev.octavo.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T12:00:00.5Z"), ZoneOffset.UTC);

  /**
   * The file of {@link #writesTheBytesThatTensorBoardReads}: version, settings, start at step 300,
   * scalars, status. {@code EventFileLoader}, {@code EventAccumulator} and the server of
   * TensorBoard 2.21.0 (with its data server 0.7.2) read these bytes as exactly that.
   */
  private static final String VERIFIED =
      """
      1800000000000000a37f4b2209000020b00ac1da411a0d627261696e2e4576656e743a320e281957
      56000000000000004e2de2b209000020b00ac1da412a4b0a490a0873657474696e67734231080712
      00422b7c2073657474696e67207c2076616c7565207c0a7c2d2d2d7c2d2d2d7c0a7c207365656420
      7c2037207c0a4a0a0a060a0474657874200224e62d85100000000000000095fbfe1809000020b00a
      c1da4110ac023a020801f62f0bdf2f000000000000006d5d1d5009000020b00ac1da4110ac022a21
      0a0c0a0565706f6368150000803f0a110a0a747261696e2f6c6f7373150000c03f81f1f194340000
      00000000005e33175c09000020b00ac1da4110ac022a260a240a06737461747573420e0807120042
      0866696e69736865644a0a0a060a04746578742002be2e96e7
      """;

  @TempDir private java.nio.file.Path directory;

  private final Configuration conf = new Configuration();
  private final List<String> warnings = new ArrayList<>();

  private TensorBoardWriter writer() {
    return new TensorBoardWriter(conf, new Path(directory.toUri()), warnings::add, CLOCK);
  }

  private static EpochFigures epoch(int epoch, Map<String, Double> values) {
    return new EpochFigures(epoch, 100L * epoch, values);
  }

  private List<java.nio.file.Path> files() throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static List<String> events(byte[] file) {
    return EventFile.read(file).stream().map(EventFile::describe).toList();
  }

  @Test
  void writesTheBytesThatTensorBoardReads() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of("seed", 7));
      writer.epoch(new EpochFigures(1, 300, Map.of("train/loss", 1.5, "val/top1", Double.NaN)));
      writer.end(RunStatus.FINISHED);
    }
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(files().get(0))))
        .isEqualTo(VERIFIED.replaceAll("\\s", ""));
  }

  @Test
  void framesEventsSoThatAnotherReaderFindsThem() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of("weights", "a|b", "seed", 7));
      writer.epoch(
          epoch(1, Map.of("train/loss", 2.5, "learning_rate", 0.1, "val/loss", Double.NaN)));
      writer.epoch(epoch(2, Map.of("train/loss", 1.25, "learning_rate", 0.01)));
    }
    assertThat(events(Files.readAllBytes(files().get(0))))
        .containsExactly(
            "0: brain.Event:2",
            "0: settings=| setting | value |\n|---|---|\n| seed | 7 |\n| weights | a\\|b |\n",
            "100: session 1",
            "100: epoch=1.0 learning_rate=0.1 train/loss=2.5",
            "200: epoch=2.0 learning_rate=0.01 train/loss=1.25",
            "200: status=failed");
  }

  @Test
  void namesTheFileByTimeAndLeavesNothingBesideIt() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of());
    }
    assertThat(files()).hasSize(1);
    assertThat(files().get(0).getFileName().toString())
        .matches("events\\.out\\.tfevents\\.1795435200\\.[^.]+.*");
  }

  @Test
  void showsEachEpochBeforeTheFileIsClosed() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of());
      for (int i = 1; i <= 3; i++) {
        writer.epoch(epoch(i, Map.of("train/loss", 1.0)));
        assertThat(events(Files.readAllBytes(files().get(0))))
            .last()
            .isEqualTo("%d00: epoch=%d.0 train/loss=1.0".formatted(i, i));
      }
    }
  }

  @Test
  void showsEachEpochOnHdfsBeforeTheFileIsClosed() throws IOException {
    try (MiniDFSCluster hdfs =
        new MiniDFSCluster.Builder(new Configuration(), directory.toFile()).build()) {
      FileSystem fs = hdfs.getFileSystem();
      Path logs = new Path(fs.getUri() + "/logs/run");
      try (TensorBoardWriter writer = new TensorBoardWriter(conf, logs, warnings::add)) {
        writer.start(Map.of());
        writer.epoch(epoch(1, Map.of("train/loss", 1.0)));
        try (InputStream in = fs.open(fs.listStatus(logs)[0].getPath())) {
          assertThat(events(in.readAllBytes())).last().isEqualTo("100: epoch=1.0 train/loss=1.0");
        }
      }
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void aRunThatGoesOnHasAFileOfItsOwnThatReplacesLaterSteps() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of());
      writer.epoch(epoch(1, Map.of()));
      writer.epoch(epoch(2, Map.of()));
    }
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of());
      writer.epoch(epoch(2, Map.of()));
    }
    assertThat(files()).hasSize(2); // in the same second
    assertThat(events(Files.readAllBytes(files().get(1))))
        .containsSubsequence("200: session 1", "200: epoch=2.0");
  }

  @Test
  void epochsThatComeAgainReplaceWhatWasThere() throws IOException {
    try (TensorBoardWriter writer = writer()) {
      writer.start(Map.of());
      writer.epoch(epoch(1, Map.of()));
      writer.epoch(epoch(2, Map.of()));
      writer.epoch(epoch(1, Map.of()));
      writer.epoch(epoch(2, Map.of()));
    }
    assertThat(events(Files.readAllBytes(files().get(0))))
        .containsSubsequence(
            "100: session 1",
            "100: epoch=1.0",
            "200: epoch=2.0",
            "100: session 1",
            "100: epoch=1.0",
            "200: epoch=2.0")
        .filteredOn(event -> event.contains("session"))
        .hasSize(2);
  }

  @Test
  void refusesToStartWhereItCannotWrite() throws IOException {
    java.nio.file.Path file = Files.createFile(directory.resolve("file"));
    Path below = new Path(new Path(file.toUri()), "logs");
    try (TensorBoardWriter writer = new TensorBoardWriter(conf, below, warnings::add)) {
      assertThatThrownBy(() -> writer.start(Map.of()))
          .isInstanceOf(OctavoException.class)
          .hasMessageStartingWith("can't write TensorBoard events to " + below)
          .hasMessageEndingWith("choose a directory that can be written");
    }
  }

  @Test
  void refusesAFileSystemThatIsNotKnown() {
    Path unknown = new Path("nosuchscheme://host/logs");
    try (TensorBoardWriter writer = new TensorBoardWriter(conf, unknown, warnings::add)) {
      assertThatThrownBy(() -> writer.start(Map.of()))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("No FileSystem for scheme \"nosuchscheme\"");
    }
  }

  @Test
  void warnsOnceWhenTheFileSystemGoesAway() throws IOException {
    try (MiniDFSCluster hdfs =
        new MiniDFSCluster.Builder(new Configuration(), directory.toFile()).build()) {
      Path logs = new Path(hdfs.getFileSystem().getUri() + "/logs");
      try (TensorBoardWriter writer = new TensorBoardWriter(conf, logs, warnings::add)) {
        writer.start(Map.of());
        hdfs.getFileSystem().delete(logs, true);
        hdfs.shutdownDataNodes();
        writer.epoch(epoch(1, Map.of()));
        writer.epoch(epoch(2, Map.of()));
      }
      assertThat(warnings)
          .singleElement()
          .asString()
          .contains("can't write to " + logs + " any more", "training goes on");
    }
  }
}
