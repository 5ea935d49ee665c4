package dev.octavo.score;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSetSpec;
import dev.octavo.inference.ModelSpec;
import dev.octavo.inference.PhaseRates;
import dev.octavo.metrics.Quantiles;
import dev.octavo.program.Precision;
import dev.octavo.results.ThroughputRow;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * How fast a folder is scored, and how much of that is lost between decoding and inference. In each
 * round, for each precision, on the same two executors: decoding alone ({@code d}), inference alone
 * ({@code i}), and the whole stage over the folder; so what is compared was measured within a
 * minute. One core that does both after the other can reach {@code 1 / (1 / d + 1 / i)}. Models are
 * loaded before scoring begins; the first round pays for the executors' first Parquet file and the
 * like, so take enough rounds, and enough files that a round takes a minute.
 *
 * <p>Arguments: model bundles, separated by commas (a float one, an int8 one or both); a folder of
 * images; precisions, separated by commas; how many files to score (the images are repeated);
 * rounds (3).
 */
public final class ScoreRate {
  private static final int CORES = 2;
  private static final String MASTER = "local-cluster[%d,1,2048]".formatted(CORES);
  private static final int SAMPLE = 256;
  private static final Duration PHASE_TIME = Duration.ofSeconds(5);

  private final SparkSession spark;
  private final ScoringJobs jobs = new ScoringJobs();
  private final Path work;
  private final List<Path> sample;

  private ScoreRate(SparkSession spark, Path work, List<Path> sample) {
    this.spark = spark;
    this.work = work;
    this.sample = sample;
    spark.sparkContext().addSparkListener(jobs);
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    List<Path> originals = RepeatedFiles.in(Path.of(args[1]));
    int count = Integer.parseInt(args[3]);
    int rounds = args.length > 4 ? Integer.parseInt(args[4]) : 3;
    Path work = Files.createTempDirectory("octavo-score-rate-");
    try {
      Path images = work.resolve("images");
      RepeatedFiles.fill(
          images,
          originals,
          count,
          (i, file) ->
              file.getParent().getFileName().resolve("%07d-%s".formatted(i, file.getFileName())));
      int distinct = Math.min(count, originals.size());
      List<Path> sample = sample(originals.subList(0, distinct));
      System.out.printf(
          Locale.ROOT,
          "%,d files, %,d different ones; %s; d is measured on %d of them, read before%n",
          count,
          distinct,
          MASTER,
          sample.size());
      new ScoreRate(LocalCluster.start(MASTER, Map.of()), work, sample)
          .run(bundles(args[0]), precisions(args[2]), rounds);
    } finally {
      LocalCluster.stop();
      FileUtil.fullyDelete(work.toFile());
    }
  }

  private static List<Path> sample(List<Path> files) {
    int n = Math.min(SAMPLE, files.size());
    return IntStream.range(0, n)
        .mapToObj(i -> files.get((int) ((long) i * files.size() / n)))
        .toList();
  }

  private static List<ModelBundle> bundles(String argument) throws IOException {
    List<ModelBundle> bundles = new ArrayList<>();
    for (String bundle : argument.split(",", -1)) {
      bundles.add(AsJobsScore.open(Path.of(bundle)));
    }
    return bundles;
  }

  private static List<Precision> precisions(String argument) {
    return List.of(argument.toUpperCase(Locale.ROOT).split(",", -1)).stream()
        .map(Precision::valueOf)
        .toList();
  }

  private void run(List<ModelBundle> bundles, List<Precision> precisions, int rounds)
      throws IOException {
    Map<Precision, List<Measured>> all = new EnumMap<>(Precision.class);
    System.out.println(Measured.HEADER);
    for (int round = 1; round <= rounds; round++) {
      for (Precision precision : precisions) {
        ModelBundle bundle =
            bundles.stream()
                .filter(b -> b.quantized() == (precision == Precision.INT8))
                .findFirst()
                .orElseThrow(
                    () -> new IllegalArgumentException("no bundle is given for " + precision.id()));
        Measured measured = measure(bundle, precision);
        all.computeIfAbsent(precision, p -> new ArrayList<>()).add(measured);
        System.out.println(measured.line(precision.id(), String.valueOf(round)));
      }
    }
    System.out.println();
    for (Precision precision : precisions) {
      List<Measured> measured = all.get(precision);
      System.out.printf(
          Locale.ROOT,
          "%s, medians of %d: d %.1f, i %.1f, both after the other %.1f; scoring %.1f images/s,"
              + " ratio %.3f, cpu %.1f %%; published %.1f images/s%n",
          precision.id(),
          measured.size(),
          median(measured, Measured::decode),
          median(measured, Measured::infer),
          median(measured, Measured::serial),
          median(measured, Measured::scoring),
          median(measured, Measured::ratio),
          100 * median(measured, Measured::cpu),
          median(measured, Measured::whole));
    }
  }

  private static double median(List<Measured> measured, ToDoubleFunction<Measured> figure) {
    return Quantiles.of(measured.stream().mapToDouble(figure).toArray()).median();
  }

  private Measured measure(ModelBundle bundle, Precision precision) throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    // The plan that Score will make, so that the executors keep their models.
    ModelSpec spec =
        new ModelSpec(
            ModelNames.of(List.of(bundle.directory())).get(0),
            bundle.directory().toString(),
            bundle.manifest().id(),
            new ModelSpec.Program(precision, CpuPolicy.ADAPT));
    Broadcast<InferencePlan> plan =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(
                new InferencePlan(
                    new ModelSetSpec(
                        List.of(spec),
                        AsJobsScore.BATCH_SIZE,
                        DecodeLimits.DEFAULT,
                        InferencePlan.DECODE_TIME),
                    AsJobsScore.OUTPUTS,
                    new SerializableConfiguration(conf)));
    PhaseRates rates = new PhaseRates(spark, plan, sample, PHASE_TIME);
    double decode = rates.decode();
    double infer = rates.infer();
    plan.destroy();

    jobs.take();
    Path out = work.resolve("scores");
    long start = System.nanoTime();
    ScoreResult result =
        new Score(
                spark,
                AsJobsScore.settings(bundle.directory(), precision, work.resolve("images"), out))
            .execute();
    double whole = (System.nanoTime() - start) / 1e9;
    double busy = result.metrics().wallMillis() * (double) CORES;
    FileUtil.fullyDelete(out.toFile());
    return new Measured(
        decode,
        infer,
        result.added() * 1e3 / result.metrics().wallMillis(),
        result.added() / whole,
        jobs.take().share(CORES),
        sum(result, ThroughputRow::decodeMillis) / busy,
        sum(result, ThroughputRow::inferMillis) / busy,
        sum(result, ThroughputRow::waitMillis) / busy);
  }

  private static double sum(ScoreResult result, ToDoubleFunction<ThroughputRow> figure) {
    return result.throughput().stream().mapToDouble(figure).sum();
  }
}
