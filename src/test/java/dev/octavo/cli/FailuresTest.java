package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.spark.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.ipc.RpcServerException;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The lines that a command ends with when something below it fails. */
final class FailuresTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Probe probe = new Probe();

  @Command(name = "probe")
  private static final class Probe implements Callable<Integer> {
    private Throwable failure;

    @Override
    public Integer call() throws Exception {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (Exception) failure;
    }
  }

  @Test
  void printsTheStackTraceAndTheRootCauseOfAnythingElse() {
    probe.failure = new IllegalStateException("outer", new IOException("disk full"));
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .contains("\tat dev.octavo.cli.FailuresTest")
        .endsWith("octavo probe: failed unexpectedly: java.io.IOException: disk full\n");
  }

  static Stream<Throwable> fullDisks() {
    IOException here = new IOException("No space left on device");
    return Stream.of(
        new UncheckedIOException(here),
        new SparkException(
            "Job aborted: task 0 failed: java.io.IOException: Disk quota exceeded\n\tat x.Y",
            null));
  }

  @ParameterizedTest
  @MethodSource("fullDisks")
  void aFullDiskIsOneLineWithTheRemedy(Throwable failure) {
    probe.failure = failure;
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .matches(
            "octavo probe: there is no space left on a disk \\((No space left on device|Disk quota"
                + " exceeded)\\): free some where --out is, .* run the same command again\n");
  }

  @Test
  void soIsOneThatHadoopTakesForAnError() throws IOException {
    assumeThat(Path.of("/dev/full")).exists();
    FileSystem local = new RawLocalFileSystem();
    local.initialize(URI.create("file:///"), new Configuration());
    FSDataOutputStream out = local.create(new org.apache.hadoop.fs.Path("/dev/full"), true);
    out.write(1);
    probe.failure = catchThrowableOfType(FSError.class, out::close);
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .startsWith("octavo probe: there is no space left on a disk (No space left");
  }

  static Stream<Throwable> fullMemories() {
    return Stream.of(
        new OutOfMemoryError("Java heap space"),
        new IllegalStateException(new OutOfMemoryError("Cannot reserve 12 bytes of direct buffer")),
        new SparkException(
            "Job aborted: Lost task 0.0 in stage 1.0: java.lang.OutOfMemoryError: GC overhead limit"
                + " exceeded\n\tat x.Y",
            null),
        new SparkException(
            "Job aborted: ExecutorLostFailure (executor 1 exited caused by one of the running"
                + " tasks) Reason: Command exited with code 137",
            null),
        new SparkException(
            "Job aborted: ExecutorLostFailure (executor 1 exited caused by one of the running"
                + " tasks) Reason: Container killed by YARN for exceeding physical memory limits."
                + " 5.5 GB of 5.5 GB physical memory used.",
            null),
        new IllegalStateException(
            "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate"
                + " memory: you tried to allocate 411041792 bytes. Error code 12"));
  }

  @ParameterizedTest
  @MethodSource("fullMemories")
  void tooLittleMemoryIsOneLineWithTheRemedy(Throwable failure) {
    probe.failure = failure;
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .matches(
            "octavo probe: there is not enough memory \\((Java heap space|Cannot reserve 12 bytes"
                + " of direct buffer|GC overhead limit exceeded|Command exited with code 137|exited"
                + " with code 137|Container killed by YARN for exceeding physical memory"
                + " limits|DefaultCPUAllocator: can't allocate memory: you tried to allocate"
                + " 411041792 bytes)\\): give more with --driver-memory .*\n");
  }

  static Stream<String> damagedFiles() {
    return Stream.of(
        "task 1 failed: org.apache.hadoop.fs.ChecksumException: Checksum error: file:/d/p.parquet"
            + " at 0 exp: 1 got: 2\n"
            + "\tat x.Y",
        "task 1 failed: java.lang.RuntimeException: file:/d/p.parquet is not a Parquet file."
            + " Expected magic number",
        "java.io.IOException: Could not read footer for file: FileStatus{path=file:/d/p.parquet;"
            + " isDirectory=false}");
  }

  @ParameterizedTest
  @MethodSource("damagedFiles")
  void aDamagedFileIsOneLineWithItsName(String message) {
    probe.failure = new SparkException(message, null);
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .isEqualTo(
            "octavo probe: file:/d/p.parquet is damaged: copy the artifact that it belongs to"
                + " again, or recreate it\n");
  }

  /** As after a copy: without Hadoop's checksums beside it. */
  @Test
  void aDamagedPageIsOneLineWithItsFile(@TempDir Path directory) throws IOException {
    SparkSession spark = LocalCluster.session();
    Path parquet = directory.resolve("rows");
    spark.range(10_000).selectExpr("hash(id) AS hash").coalesce(1).write().parquet(parquet + "");
    Path part;
    try (Stream<Path> files = Files.list(parquet)) {
      part = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(part);
    bytes[bytes.length / 2] ^= 1;
    Files.write(part, bytes);
    Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
    probe.failure =
        catchThrowable(() -> spark.read().parquet(parquet + "").selectExpr("sum(hash)").collect());
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .isEqualTo(
            "octavo probe: %s is damaged: copy the artifact that it belongs to again, or recreate it\n"
                .formatted(part.toUri()));
  }

  /** As when the same artifact is replaced while a job reads it. */
  @Test
  void aFileThatIsGoneIsOneLineWithItsName(@TempDir Path directory) throws IOException {
    SparkSession spark = LocalCluster.session();
    Path parquet = directory.resolve("rows");
    spark.range(10).coalesce(1).write().parquet(parquet + "");
    var rows = spark.read().parquet(parquet + "");
    Path part;
    try (Stream<Path> files = Files.list(parquet)) {
      part = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    Files.delete(part);
    probe.failure = catchThrowable(rows::collectAsList);
    assertThat(run()).isEqualTo(1);
    assertThat(errors()).isEqualTo(gone("file:" + part));
  }

  static Stream<Exception> missingFiles() {
    return Stream.of(
        new FileNotFoundException("File file:/d/p does not exist"),
        new FileNotFoundException("File does not exist: file:/d/p"),
        new FileNotFoundException("No such file or directory: file:/d/p"));
  }

  @ParameterizedTest
  @MethodSource("missingFiles")
  void aFileThatIsGoneIsOneLineOnEachFileSystem(Exception failure) {
    probe.failure = new IllegalStateException(failure);
    assertThat(run()).isEqualTo(1);
    assertThat(errors()).isEqualTo(gone("file:/d/p"));
  }

  private static String gone(String file) {
    return "octavo probe: %s was removed or replaced while it was read: run the same command again when nothing changes it\n"
        .formatted(file);
  }

  static Stream<Exception> unreachableHosts() {
    return Stream.of(
        new IllegalArgumentException(new UnknownHostException("nowhere")),
        new RpcServerException("this is no RPC from nowhere"),
        new SocketTimeoutException("20000 millis timeout while waiting: nowhere"),
        new IOException(
            new ConnectException("from here to nowhere; For more details see:  http://wiki")));
  }

  @ParameterizedTest
  @MethodSource("unreachableHosts")
  void aHostThatDoesNotAnswerIsOneLineWithTheRemedy(Exception failure) {
    probe.failure = failure;
    assertThat(run()).isEqualTo(1);
    assertThat(errors())
        .matches(
            "octavo probe: a host can't be reached \\(.*nowhere\\): .* fs.defaultFS, so write"
                + " file:/// before local ones\n");
  }

  @Test
  void saysInOneLineThatItWasInterrupted() {
    probe.failure = new SparkException("Job 3 cancelled because SparkContext was shut down", null);
    assertThat(run()).isEqualTo(1);
    assertThat(errors()).isEqualTo("octavo probe: was stopped before it was done\n");
  }

  @Test
  void unwrapsWhatAnExecutorThrew() {
    probe.failure =
        new SparkException(
            "Job aborted due to stage failure", new OctavoException("no such class"));
    assertThat(run()).isEqualTo(1);
    assertThat(errors()).isEqualTo("octavo probe: no such class\n");
  }

  @Test
  void readsWhatABarrierStageHandsOnAsText() {
    probe.failure =
        new SparkException(
            """
            Job aborted due to stage failure: Could not recover from a failed barrier ResultStage.
            dev.octavo.OctavoException$QualityGate: loss is NaN in epoch 2
            of worker 1
            \tat dev.octavo.train.Worker.step(Worker.java:12)
            \tat dev.octavo.train.Worker.run(Worker.java:5)
            """,
            null);
    assertThat(run()).isEqualTo(3);
    assertThat(errors()).isEqualTo("octavo probe: loss is NaN in epoch 2 of worker 1\n");
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private int run() {
    return Octavo.execute(
        Octavo.configure(new CommandLine(new Octavo()).addSubcommand(probe)),
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        "probe");
  }
}
