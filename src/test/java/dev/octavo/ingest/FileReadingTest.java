package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.spark.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileReadingTest {
  @TempDir private Path work;

  @Test
  void aFileThatBecameAFifoIsQuarantinedAndTheRestGoesOn() throws Exception {
    Path pipe = work.resolve("pipe.jpg");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    byte[] png = TinyImages.png(5, 4);
    Files.write(work.resolve("whole.png"), png);
    CollectionAccumulator<Quarantined> quarantine = quarantine();

    assertThat(read(quarantine, source("pipe.jpg", 9), source("whole.png", png.length)))
        .extracting(row -> row.getString(0))
        .containsExactly("whole.png");
    assertThat(quarantine.value())
        .containsExactly(
            new Quarantined(
                "pipe.jpg",
                "train",
                Quarantined.UNREADABLE,
                "no regular file but a FIFO, a socket or a device",
                null));
  }

  @Test
  void aFileIsReadAsItIsNow() throws Exception {
    byte[] png = TinyImages.png(5, 4);
    Files.write(work.resolve("grown.png"), png);
    Files.write(work.resolve("shrunk.png"), png);

    assertThat(read(quarantine(), source("grown.png", 9), source("shrunk.png", 10_000)))
        .extracting(row -> row.<byte[]>getAs(3))
        .containsExactly(png, png);
  }

  @Test
  void aFileThatGrewBeyondTheLimitIsQuarantined() throws Exception {
    Files.write(work.resolve("grown.png"), TinyImages.png(5, 4));
    CollectionAccumulator<Quarantined> quarantine = quarantine();
    DecodeLimits limits = new DecodeLimits(DecodeLimits.DEFAULT_MAX_PIXELS, 20);

    assertThat(read(limits, quarantine, source("grown.png", 9))).isEmpty();
    assertThat(quarantine.value())
        .singleElement()
        .satisfies(entry -> assertThat(entry.detail()).endsWith("exceed the limit of 20"));
  }

  private static CollectionAccumulator<Quarantined> quarantine() {
    return LocalCluster.session().sparkContext().collectionAccumulator("quarantine");
  }

  private List<Row> read(CollectionAccumulator<Quarantined> quarantine, Source... sources) {
    return read(DecodeLimits.DEFAULT, quarantine, sources);
  }

  /** The rows of one task. */
  private List<Row> read(
      DecodeLimits limits, CollectionAccumulator<Quarantined> quarantine, Source... sources) {
    JavaSparkContext spark =
        JavaSparkContext.fromSparkContext(LocalCluster.session().sparkContext());
    FileReading reading =
        new FileReading(
            new org.apache.hadoop.fs.Path(work.toString()),
            new RowMaker(limits, quarantine),
            spark.broadcast(new SerializableConfiguration(new Configuration())));
    return spark.parallelize(List.of(List.of(sources)), 1).flatMap(reading).collect();
  }

  private static Source source(String name, long bytes) {
    return new Source(name, name, bytes, "train", "attic", 0);
  }
}
