package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class ReadFailureTest {
  private final IOException gone = new FileNotFoundException("there is no such file");

  @Test
  void aLocaleWithoutTheLettersOfTheNameIsTheReason() {
    Path file = new Path("file:/images/caf\u00e9/1.jpg");
    assertThat(ReadFailure.reason(file, gone, StandardCharsets.US_ASCII))
        .isEqualTo(
            "the locale of this JVM (US-ASCII) can't write the name: set LC_ALL=C.UTF-8, for"
                + " executors with --conf spark.executorEnv.LC_ALL=C.UTF-8");
    assertThat(ReadFailure.reason(file, gone, StandardCharsets.UTF_8)).isEqualTo(gone.getMessage());
  }

  @Test
  void otherFileSystemsHaveNamesOfTheirOwn() {
    Path file = new Path("hdfs://host/caf\u00e9.jpg");
    assertThat(ReadFailure.reason(file, gone, StandardCharsets.US_ASCII))
        .isEqualTo(gone.getMessage());
  }

  @Test
  void whatHasNoMessageIsNamed() {
    assertThat(ReadFailure.reason(new Path("/x"), new IOException(), StandardCharsets.UTF_8))
        .isEqualTo("java.io.IOException");
  }
}
