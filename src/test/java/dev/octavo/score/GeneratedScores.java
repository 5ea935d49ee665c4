package dev.octavo.score;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.ModelSpec;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionBuilder;
import dev.octavo.latency.LatencyRow;
import dev.octavo.latency.LatencyRowBuilder;
import dev.octavo.metrics.TopK;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ScoreMetricsModelMetricsBuilder;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresFigures;
import dev.octavo.results.ScoresManifest;
import dev.octavo.results.ThroughputRow;
import dev.octavo.results.ThroughputRowBuilder;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Scores as {@link Score} publishes them, of models that answer at random but sensibly: the true
 * class gets more than the others, classes beside each other in the list are taken for each other,
 * and a quantized model's logits are the float model's with a little noise.
 *
 * @param classes of the models
 * @param models in order
 * @param images that were scored
 * @param outputs what a prediction holds
 * @param data id of the dataset, which the models were trained on, too
 * @param host of the executors
 * @param millis per image of the first model
 * @param shift how far the images are from those of a run with none, in embeddings and confidence
 */
public record GeneratedScores(
    List<String> classes,
    List<Model> models,
    Images images,
    Outputs outputs,
    String data,
    String host,
    double millis,
    double shift) {
  private static final int WIDTH = 64;
  private static final int PARTITIONS = 40;
  private static final String FEATURES = "avx2 avx512 vnni amx";

  /** Copies the lists. */
  public GeneratedScores {
    classes = List.copyOf(classes);
    models = List.copyOf(models);
  }

  /**
   * A model.
   *
   * @param name that tells it from the others
   * @param path of its bundle
   * @param id of the bundle's manifest
   * @param precision of its program
   * @param noise standard deviation of what is added to each logit
   * @param bytes size of its file
   */
  public record Model(
      String name, String path, String id, Precision precision, double noise, long bytes)
      implements Serializable {
    private ModelSpec spec() {
      return new ModelSpec(name, path, id, new ModelSpec.Program(precision, CpuPolicy.ADAPT));
    }
  }

  /** The images. */
  public sealed interface Images extends Serializable {
    /** Their source. */
    InputSource source();

    /** Their number. */
    int count();

    /** The path of one. */
    String path(int index);

    /** The class of one, −1 where it is unknown. */
    int truth(int index);

    /** The error in place of an answer, null for none. */
    String error(int index);
  }

  /** The images of a split, by path, each in the folder of its class. */
  public record Labelled(String dataset, String split, List<String> paths, List<String> classes)
      implements Images {
    @Override
    public InputSource source() {
      return new InputSource.Split(new Path(dataset), split);
    }

    @Override
    public int count() {
      return paths.size();
    }

    @Override
    public String path(int index) {
      return paths.get(index);
    }

    @Override
    public int truth(int index) {
      return classes.indexOf(paths.get(index).replaceAll("/.*", ""));
    }

    @Override
    public String error(int index) {
      return null;
    }
  }

  /**
   * Files of a folder.
   *
   * @param directory its place
   * @param count of files
   * @param classes that they are of, in turn; 0 where that is unknown
   * @param errors of every how many files one can't be read; 1 for all, 0 for none
   */
  public record Numbered(String directory, int count, int classes, int errors) implements Images {
    @Override
    public InputSource source() {
      return new InputSource.Folder(new Path(directory));
    }

    @Override
    public String path(int index) {
      return "%s/%03d/image %07d.jpg".formatted(directory, index / 1000, index);
    }

    @Override
    public int truth(int index) {
      return classes == 0 ? -1 : index % classes;
    }

    @Override
    public String error(int index) {
      if (errors == 0 || index % errors != 0) {
        return null;
      }
      return index % (2 * errors) == 0
          ? "not an image in a known format"
          : "truncated: %d of 4,096 bytes".formatted(100 * (index % 7));
    }
  }

  /** Writes and publishes them. */
  public Path publish(SparkSession spark, Path out) throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    try (Staging staging =
        Staging.open(conf, out, Scores.KIND, Destination.IfExists.FAIL, List.of())) {
      Path predictions = new Path(staging.directory(), Scores.PREDICTIONS);
      write(spark, predictions);
      Dataset<Row> written =
          spark.read().schema(PredictionRows.PUBLISHED).parquet(predictions.toString());
      PredictionMetrics figures =
          PredictionMetrics.of(written, (long) images.count() * models.size());
      java.nio.file.Path local = java.nio.file.Path.of(staging.directory().toUri());
      Files.writeString(local.resolve(ScoreMetrics.FILE_NAME), metrics(figures).toJson());
      Files.writeString(local.resolve(ThroughputRow.FILE_NAME), ThroughputRow.toCsv(throughput()));
      Map<String, String> parents = new TreeMap<>();
      if (images instanceof Labelled) {
        parents.put("data", data);
      }
      models.forEach(model -> parents.put("model " + model.name(), model.id()));
      return staging.publish(
          Manifest.of(
              Scores.KIND,
              parents,
              RecordEntries.of(
                  new ScoresManifest(
                      models.stream().map(Model::path).toList(),
                      images.source(),
                      outputs,
                      Precision.FP32,
                      DecodeLimits.DEFAULT,
                      Optional.empty())),
              new ScoresFigures(1, images.count(), 0, Map.of()).entries(metrics(figures))));
    }
  }

  private void write(SparkSession spark, Path predictions) {
    List<Integer> starts = new ArrayList<>();
    int chunk = Math.max(1, (images.count() + PARTITIONS - 1) / PARTITIONS);
    for (int start = 0; start < images.count(); start += chunk) {
      starts.add(start);
    }
    Generator generator = new Generator(classes, models, images, outputs, shift);
    JavaRDD<Row> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(starts, starts.size())
            .flatMap(
                start ->
                    IntStream.range(start, Math.min(start + chunk, generator.images.count()))
                        .boxed()
                        .flatMap(index -> generator.rows(index).stream())
                        .iterator());
    spark
        .createDataFrame(rows, PredictionRows.SCHEMA)
        .withColumn(Scores.ROUND, functions.lit(0))
        .write()
        .partitionBy(Scores.ROUND, PredictionRows.MODEL)
        .parquet(predictions.toString());
  }

  /** Makes the rows of an image, whatever the machine that does. */
  private record Generator(
      List<String> classes, List<Model> models, Images images, Outputs outputs, double shift)
      implements Serializable {
    List<Row> rows(int index) {
      SplittableRandom random = new SplittableRandom(17 + 31L * index);
      int shown = images.truth(index) < 0 ? random.nextInt(classes.size()) : images.truth(index);
      double margin = 5.5 - shift + 2.2 * random.nextGaussian();
      // Every hundredth image shows another class than its label says.
      int seen = random.nextInt(100) == 0 ? (shown + 3) % classes.size() : shown;
      float[] logits = new float[classes.size()];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = (float) (random.nextGaussian() + (c == seen ? margin : 0));
      }
      logits[Math.min(seen ^ 1, classes.size() - 1)] += (float) (0.45 * margin);
      float[] embedding = outputs.embeddings() ? embedding(seen, random) : null;
      List<Row> rows = new ArrayList<>();
      for (Model model : models) {
        float[] noisy = logits.clone();
        for (int c = 0; c < noisy.length; c++) {
          noisy[c] += (float) (model.noise() * random.nextGaussian());
        }
        rows.add(
            PredictionRows.row(
                images.path(index), model.spec(), prediction(index, noisy, embedding), outputs));
      }
      return rows;
    }

    /** Around a direction of the class. */
    private float[] embedding(int seen, SplittableRandom random) {
      SplittableRandom own = new SplittableRandom(seen);
      float[] embedding = new float[WIDTH];
      for (int i = 0; i < WIDTH; i++) {
        embedding[i] =
            (float) Math.abs(own.nextGaussian() + (0.4 + 0.6 * shift) * random.nextGaussian());
      }
      return embedding;
    }

    private Prediction prediction(int index, float[] logits, float[] embedding) {
      int truth = images.truth(index);
      String label = truth < 0 ? null : classes.get(truth);
      if (images.error(index) != null) {
        return PredictionBuilder.builder()
            .best(List.of())
            .labelId(null)
            .truth(label)
            .truthRank(null)
            .probabilities(null)
            .embedding(null)
            .warning(null)
            .error(images.error(index))
            .build();
      }
      float[] probabilities = TopK.softmax(logits);
      List<Prediction.Guess> best = new ArrayList<>();
      for (int c : TopK.indices(probabilities, outputs.topK())) {
        best.add(new Prediction.Guess(classes.get(c), probabilities[c]));
      }
      return PredictionBuilder.builder()
          .best(best)
          .labelId(TopK.indices(probabilities, 1)[0])
          .truth(label)
          .truthRank(truth < 0 ? null : TopK.rank(probabilities, truth))
          .probabilities(outputs.probabilities() ? probabilities : null)
          .embedding(embedding)
          .warning(null)
          .error(null)
          .build();
    }
  }

  private ScoreMetrics metrics(PredictionMetrics figures) {
    List<ModelMetrics> measured = new ArrayList<>();
    Map<String, PredictionMetrics.Counts> counts = new HashMap<>(figures.counts());
    for (int m = 0; m < models.size(); m++) {
      Model model = models.get(m);
      PredictionMetrics.Counts rows = counts.get(model.name());
      List<LatencyRow> latency = new ArrayList<>();
      for (int batch : new int[] {8, 16}) {
        double each = millis(m) * (batch == 8 ? 1.05 : 1);
        latency.add(
            LatencyRowBuilder.builder()
                .model(model.name())
                .precision(model.precision().id())
                .batchSize(batch)
                .threads(2)
                .cpuFeatures(List.of(FEATURES.split(" ")))
                .msPerImage(each)
                .imagesPerSecond(1000 / each)
                .p10(0.95 * each)
                .p90(1.1 * each)
                .build());
      }
      measured.add(
          ScoreMetricsModelMetricsBuilder.builder()
              .name(model.name())
              .path(model.path())
              .precision(model.precision().id())
              .network("resnet50")
              .imageSize(224)
              .fileBytes(model.bytes())
              .images(rows.rows() - rows.errors())
              .failures(rows.errors())
              .accuracy(figures.accuracy(model.name(), classes))
              .latency(latency)
              .build());
    }
    List<Agreement> agreement = new ArrayList<>();
    for (int a = 0; a < models.size(); a++) {
      for (int b = a + 1; b < models.size(); b++) {
        agreement.add(figures.agreement(models.get(a).name(), models.get(b).name()));
      }
    }
    return new ScoreMetrics(
        images.count(), Math.round(2 * millis * images.count()), measured, agreement);
  }

  private double millis(int model) {
    return millis / (model == 0 ? 1 : 4);
  }

  private List<ThroughputRow> throughput() {
    List<ThroughputRow> rows = new ArrayList<>();
    int each = Math.max(1, images.count() / PARTITIONS);
    for (int p = 0; p < PARTITIONS && p * each < images.count(); p++) {
      for (int m = 0; m < models.size(); m++) {
        // One partition in twenty takes twice as long.
        double slow = p % 20 == 7 ? 2.2 : 1 + 0.01 * (p % 5);
        double decode = 1.6 * each * slow;
        double infer = millis(m) * each * slow;
        double wall = decode + infer + 12 + 3;
        rows.add(
            ThroughputRowBuilder.builder()
                .round(0)
                .partition(p)
                .model(models.get(m).name())
                .precision(models.get(m).precision().id())
                .executor(String.valueOf(p % 2))
                .host(host)
                .cpuFeatures(FEATURES)
                .threads(2)
                .images(each)
                .failures(0)
                .bytes(90_000L * each)
                .decodeMillis(decode)
                .inferMillis(infer)
                .waitMillis(12)
                .wallMillis(wall)
                .imagesPerSecond(1000 * each / wall)
                .imagesPerSecondPerCore(500 * each / wall)
                .millisPerImage(wall / each)
                .residentBytes(800_000_000)
                .modelLoadMillis(1200)
                .build());
      }
    }
    return rows;
  }
}
