package dev.octavo.score;

import dev.octavo.spark.LocalCluster;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How long Structured Streaming's file source takes to find the files of a folder, what the driver
 * needs for it, and how long it takes to find nothing new: {@code StreamingTrial FOLDER OUT},
 * twice. It copies the files' names and lengths and reads no content. See
 * docs/scoring-measurements.md and RATIONALE.md of the package.
 */
public final class StreamingTrial {
  private static final StructType BINARY_FILE =
      new StructType()
          .add("path", DataTypes.StringType, false)
          .add("modificationTime", DataTypes.TimestampType, false)
          .add("length", DataTypes.LongType, false)
          .add("content", DataTypes.BinaryType, true);

  private StreamingTrial() {}

  /** Runs the query once. */
  public static void main(String[] args) throws Exception {
    SparkSession spark = LocalCluster.session();
    long start = System.nanoTime();
    spark
        .readStream()
        .format("binaryFile")
        .schema(BINARY_FILE)
        .option("recursiveFileLookup", "true")
        .option("maxFilesPerTrigger", 50_000)
        .load(args[0])
        .select("path", "length")
        .writeStream()
        .format("parquet")
        .option("path", args[1])
        .option("checkpointLocation", args[1] + "/_checkpoint")
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getName().startsWith("G1"))
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    System.err.println(
        String.format(
            Locale.ROOT,
            "%,d files are known; this run took %.1f s; the driver's heap was at most %,d MB",
            spark.read().parquet(args[1]).count(),
            (System.nanoTime() - start) / 1e9,
            peak / 1_000_000));
    LocalCluster.stop();
  }
}
