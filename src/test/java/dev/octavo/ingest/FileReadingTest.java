package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.spark.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
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
    Files.write(work.resolve("whole.png"), TinyImages.png(5, 4));
    Broadcast<SerializableConfiguration> hadoop =
        JavaSparkContext.fromSparkContext(LocalCluster.session().sparkContext())
            .broadcast(new SerializableConfiguration(new Configuration()));
    CollectionAccumulator<Quarantined> quarantine = new CollectionAccumulator<>();
    FileReading reading =
        new FileReading(
            new org.apache.hadoop.fs.Path(work.toString()),
            new RowMaker(DecodeLimits.DEFAULT, quarantine),
            hadoop);

    assertThat(reading.call(List.of(source("pipe.jpg"), source("whole.png"))))
        .toIterable()
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

  private static Source source(String name) {
    return new Source(name, name, 9, "train", "attic", 0);
  }
}
