package dev.octavo.score;

import dev.octavo.results.InputSource.Folder;
import dev.octavo.score.Rounds.Round;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What the driver of {@code score} does before and between the rounds, for folders of so many empty
 * files (the arguments), 1,000 in each subfolder: seconds of listing, of comparing with predictions
 * when there are none and when all files have one, and of cutting one round of 50,000 into
 * partitions; bytes of heap that the listing holds. The heap is the caller's {@code -Xmx}.
 */
public final class ListingRate {
  private static final int FILES_PER_FOLDER = 1_000;
  private static final int FILES_PER_ROUND = 50_000;

  private ListingRate() {}

  /** Prints a line for each number. */
  public static void main(String[] args) throws Exception {
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", false).getOrCreate();
    for (String argument : args) {
      int count = Integer.parseInt(argument);
      Path work = Files.createTempDirectory("octavo-listing-");
      try {
        Path original = Files.createFile(work.resolve("original"));
        Path images = work.resolve("images");
        RepeatedFiles.fill(images, List.of(original), count, (i, file) -> place(i));
        measure(spark, images, count);
      } finally {
        FileUtil.fullyDelete(work.toFile());
      }
    }
    spark.stop();
  }

  private static void measure(SparkSession spark, Path images, int count) throws Exception {
    Folder folder = new Folder(new org.apache.hadoop.fs.Path(images.toUri()));
    long before = heldBytes();
    Timed<InputListing.Files> listed = Timed.of(() -> new FileListing(spark).list(folder));
    long bytes = heldBytes() - before;
    Rounds rounds = new Rounds(spark, FILES_PER_ROUND);
    Dataset<Row> none = spark.emptyDataset(Encoders.STRING()).toDF("path");
    Timed<List<Supplier<Round>>> all = Timed.of(() -> rounds.of(listed.value, none));
    Timed<Round> cut = Timed.of(() -> all.value.get(0).get());
    Dataset<Row> scored = scored(spark, listed.value, images);
    Timed<List<Supplier<Round>>> nothing = Timed.of(() -> rounds.of(listed.value, scored));
    if (all.value.size() != (count + FILES_PER_ROUND - 1) / FILES_PER_ROUND
        || !nothing.value.isEmpty()) {
      throw new AssertionError("rounds: " + all.value.size() + ", " + nothing.value.size());
    }
    System.out.printf(
        Locale.ROOT,
        "%,d files: listed in %.2f s, %d bytes of heap a file; compared in %.2f s with no"
            + " predictions, in %.2f s with all; a round of %,d cut in %.2f s%n",
        count,
        listed.seconds,
        bytes / count,
        all.seconds,
        nothing.seconds,
        cut.value.count(),
        cut.seconds);
  }

  /** Predictions of all files, in Parquet, as a finished run leaves them. */
  private static Dataset<Row> scored(SparkSession spark, InputListing.Files listed, Path images)
      throws IOException {
    List<String> paths = new ArrayList<>();
    listed.files().forEach(file -> paths.add(file.path()));
    String place = images.resolveSibling("predictions").toString();
    spark.createDataset(paths, Encoders.STRING()).toDF("path").write().parquet(place);
    return spark.read().parquet(place);
  }

  private static Path place(int number) {
    return Path.of("%05d".formatted(number / FILES_PER_FOLDER), "photo-%09d.jpg".formatted(number));
  }

  private static long heldBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** A value and how long it took to get. */
  private record Timed<T>(T value, double seconds) {
    static <T> Timed<T> of(Callable<T> work) throws Exception {
      long start = System.nanoTime();
      T value = work.call();
      return new Timed<>(value, (System.nanoTime() - start) / 1e9);
    }
  }
}
