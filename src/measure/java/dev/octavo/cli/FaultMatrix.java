package dev.octavo.cli;

import dev.octavo.cli.FaultJobs.Ended;
import dev.octavo.cli.FaultJobs.Job;
import dev.octavo.cli.FaultJobs.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Each job, each mishap, at random moments: nothing may be lost, doubled or left behind, and what
 * is promised to be the same bits must be. As in {@code .ci/measure dev.octavo.cli.FaultMatrix 1
 * 3}; arguments: the seed, how often each job meets each mishap, and, if not all of them, names of
 * mishaps. Of each three runs one is on two executor JVMs, as are all that lose an executor, and
 * the others in one process. A full disk takes the right to mount one.
 *
 * <p>After each mishap the same command runs again (train with {@code --resume}). Then the artifact
 * must be that of an undisturbed run, and nothing may lie beside it.
 */
public final class FaultMatrix {
  private enum Mishap {
    DRIVER_KILLED,
    EXECUTOR_KILLED,
    DRIVER_TOLD_TO_STOP,
    DISK_FULL,
    INPUT_CHANGES,
    SECOND_DRIVER
  }

  private static final String TOO_LATE = "the job ended before its mishap";

  private record Undisturbed(String contents, long millis) {}

  private static final int KILLED = 128 + 9;

  private final Path work;
  private final Random random;
  private final FaultJobs jobs;
  private final Map<Place, Map<Job, Undisturbed>> expected = new EnumMap<>(Place.class);

  private FaultMatrix(Path work, long seed, SparkSession spark) {
    this.work = work;
    this.random = new Random(seed);
    this.jobs = new FaultJobs(work, spark);
  }

  /** Prints a line for each run. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("octavo-faults-");
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.sources.partitionColumnTypeInference.enabled", false)
            .getOrCreate();
    FaultMatrix matrix = new FaultMatrix(work, Long.parseLong(args[0]), spark);
    matrix.jobs.paint(work.resolve("photos"));
    for (Place place : Place.values()) {
      matrix.expected.put(place, new EnumMap<>(Job.class));
      for (Job job : Job.values()) {
        matrix.undisturbed(place, job);
      }
    }
    int faults = 0;
    int runs = 0;
    for (Mishap mishap : Mishap.values()) {
      if (args.length > 2 && !List.of(args).contains(mishap.name())) {
        continue;
      }
      for (Job job : Job.values()) {
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
          boolean cluster = mishap == Mishap.EXECUTOR_KILLED || i % 3 == 0;
          Place place = cluster ? Place.CLUSTER : Place.ONE_PROCESS;
          String fault = matrix.run(place, job, mishap);
          while (fault.equals(TOO_LATE)) {
            System.out.println("  ended before: once more");
            fault = matrix.run(place, job, mishap);
          }
          System.out.println(fault.isEmpty() ? "  right" : "  FAULT: " + fault);
          faults += fault.isEmpty() ? 0 : 1;
          runs++;
        }
      }
    }
    System.out.printf("%d mishaps, %d faults%n", runs, faults);
    org.apache.hadoop.fs.FileUtil.fullyDelete(work.toFile());
    System.exit(faults == 0 ? 0 : 1);
  }

  private void undisturbed(Place place, Job job) throws IOException, InterruptedException {
    Path out = Files.createDirectories(jobs.right(place)).resolve(job.command());
    long millis = 0;
    for (int i = 0; i < 2; i++) { // the second with a class archive, as the disturbed ones are
      org.apache.hadoop.fs.FileUtil.fullyDelete(out.toFile());
      long start = System.nanoTime();
      Ended ended = jobs.await(jobs.start(place, job, work.resolve("photos"), out, List.of()));
      millis = (System.nanoTime() - start) / 1_000_000;
      if (ended.exitCode() != 0) {
        throw new IllegalStateException(ended.output());
      }
    }
    expected.get(place).put(job, new Undisturbed(jobs.contents(job, out), millis));
    System.out.printf("%s, %s undisturbed: %d ms%n", job, place, millis);
  }

  private String run(Place place, Job job, Mishap mishap) throws IOException, InterruptedException {
    Path run = Files.createTempDirectory(work, "run-");
    Path photos = work.resolve("photos");
    if (mishap == Mishap.INPUT_CHANGES) {
      photos = run.resolve("photos");
      copy(work.resolve("photos"), photos);
      copy(jobs.right(place).resolve("ingest"), run.resolve("data"));
    }
    Undisturbed undisturbed = expected.get(place).get(job);
    Path disk = Files.createDirectory(run.resolve("disk"));
    Path out = disk.resolve("out");
    long wait = (long) (undisturbed.millis() * (0.1 + 0.85 * random.nextDouble()));
    int kilobytes = 0;
    if (mishap == Mishap.DISK_FULL) {
      long whole = size(jobs.right(place).resolve(job.command())) / 1024;
      kilobytes = (int) (whole * (0.02 + 0.95 * random.nextDouble())) + 4;
      mount(disk, "size=" + kilobytes + "k");
    }
    System.out.printf("%s, %s, %s, %d ms, %d kB: ", job, place, mishap, wait, kilobytes);
    System.out.flush();
    Process process = jobs.start(place, job, photos, out, List.of());
    Ended ended;
    Ended second = null;
    if (mishap == Mishap.DISK_FULL) {
      ended = jobs.await(process);
      mount(disk, "remount,size=1g");
    } else {
      if (process.waitFor(wait, TimeUnit.MILLISECONDS)) {
        org.apache.hadoop.fs.FileUtil.fullyDelete(run.toFile());
        return TOO_LATE;
      }
      second = cause(place, mishap, job, process, photos, out);
      ended = jobs.await(process);
    }
    String fault = said(mishap, ended);
    if (fault.isEmpty() && second != null) {
      fault = said(mishap, second);
    }
    if (mishap == Mishap.INPUT_CHANGES) {
      org.apache.hadoop.fs.FileUtil.fullyDelete(photos.toFile());
      org.apache.hadoop.fs.FileUtil.fullyDelete(run.resolve("data").toFile());
      copy(work.resolve("photos"), photos);
      copy(jobs.right(place).resolve("ingest"), run.resolve("data"));
      if (Files.exists(out)) {
        // It went through with the inputs as they were: that must be whole, and is not the same.
        jobs.contents(job, out);
        org.apache.hadoop.fs.FileUtil.fullyDelete(out.toFile());
      }
    }
    System.out.printf(
        "exit code %d%s", ended.exitCode(), second == null ? "" : ", " + second.exitCode());
    if (fault.isEmpty() && !Files.exists(out)) {
      Ended again =
          jobs.await(
              jobs.start(
                  place, job, photos, out, job == Job.TRAIN ? List.of("--resume") : List.of()));
      if (again.exitCode() != 0) {
        fault = "the next run ended with %d: %s".formatted(again.exitCode(), again.output());
      }
    }
    if (fault.isEmpty() && !jobs.contents(job, out).equals(undisturbed.contents())) {
      fault = "the result is another";
    }
    if (fault.isEmpty()) {
      fault = leftovers(disk);
    }
    if (mishap == Mishap.DISK_FULL) {
      call("umount", disk.toString());
    }
    if (fault.isEmpty()) {
      org.apache.hadoop.fs.FileUtil.fullyDelete(run.toFile());
    }
    return fault;
  }

  /** Returns how a second driver ended, if there was one. */
  private Ended cause(Place place, Mishap mishap, Job job, Process process, Path photos, Path out)
      throws IOException, InterruptedException {
    switch (mishap) {
      case DRIVER_KILLED -> FaultJobs.driver(process).destroyForcibly();
      case EXECUTOR_KILLED ->
          process
              .descendants()
              .filter(FaultJobs::isExecutor)
              .findAny()
              .ifPresent(ProcessHandle::destroyForcibly);
      case DRIVER_TOLD_TO_STOP -> process.destroy();
      case INPUT_CHANGES -> change(job, photos);
      case SECOND_DRIVER -> {
        return jobs.await(jobs.start(place, job, photos, out, List.of()));
      }
      case DISK_FULL -> throw new IllegalStateException();
    }
    return null;
  }

  /** An image is cut off or a part of the dataset goes. */
  private void change(Job job, Path photos) throws IOException {
    boolean files = job == Job.INGEST || job == Job.SCORE;
    Path root = files ? photos : photos.resolveSibling("data");
    try (Stream<Path> found = Files.walk(root)) {
      List<Path> candidates =
          found.filter(p -> p.toString().endsWith(files ? ".jpg" : ".parquet")).sorted().toList();
      Path chosen = candidates.get(random.nextInt(candidates.size()));
      if (random.nextBoolean()) {
        Files.delete(chosen);
      } else {
        byte[] bytes = Files.readAllBytes(chosen);
        Files.write(chosen, java.util.Arrays.copyOf(bytes, bytes.length / 2));
      }
    }
  }

  /** Whether a failed run said in one line why. */
  private static String said(Mishap mishap, Ended ended) {
    if (mishap == Mishap.DRIVER_KILLED && ended.exitCode() != 0 && ended.exitCode() != KILLED) {
      return "it ended by itself with %d".formatted(ended.exitCode());
    }
    if (ended.exitCode() == 0 || mishap == Mishap.DRIVER_KILLED) {
      return "";
    }
    long lines = ended.output().lines().filter(line -> line.startsWith("octavo ")).count();
    boolean trace = ended.output().lines().anyMatch(line -> line.startsWith("\tat "));
    boolean stopped = mishap == Mishap.DRIVER_TOLD_TO_STOP;
    return trace || lines > 1 || (lines == 0 && !stopped)
        ? "%d lines of octavo's%s: %s"
            .formatted(lines, trace ? " and a stack trace" : "", ended.output())
        : "";
  }

  private static String leftovers(Path disk) throws IOException {
    try (Stream<Path> found = Files.list(disk)) {
      List<String> names =
          found
              .map(p -> p.getFileName().toString())
              .filter(n -> !n.equals("out"))
              .sorted()
              .toList();
      return names.isEmpty() ? "" : "left behind: " + names;
    }
  }

  private static void mount(Path at, String options) throws IOException, InterruptedException {
    call("mount", "-t", "tmpfs", "-o", options, "tmpfs", at.toString());
  }

  private static void call(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  private static long size(Path directory) throws IOException {
    try (Stream<Path> found = Files.walk(directory)) {
      return found.filter(Files::isRegularFile).mapToLong(p -> p.toFile().length()).sum();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> found;
    try (Stream<Path> walk = Files.walk(from)) {
      found = walk.sorted(Comparator.naturalOrder()).toList();
    }
    for (Path path : found) {
      Files.copy(
          path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
