package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.Precision;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.JobGroup;
import dev.octavo.spark.OctavoSession;
import dev.octavo.weights.StateDict;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Trains a network on a data set and publishes it as a model bundle. */
public final class Train {
  private static final String WORK = "_train";

  private final SparkSession spark;
  private final Configuration conf;
  private final TrainSettings settings;
  private final Consumer<String> console;

  /**
   * A training run.
   *
   * @param console takes lines about what is going on: one per epoch, as it ends
   */
  public Train(SparkSession spark, TrainSettings settings, Consumer<String> console) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.settings = settings;
    this.console = console;
  }

  /**
   * Trains.
   *
   * @throws OctavoException if the cluster can't run the workers, the weights don't fit, or the
   *     loss or a gradient stops being finite; then nothing is published
   */
  public TrainResult execute() throws IOException {
    int workers = BarrierStage.workers(spark, settings.workers());
    DatasetArtifact data = DatasetArtifact.open(spark, settings.data());
    Network network = settings.network().network(data.classes().size());
    try (Staging staging = Staging.open(conf, settings.out(), settings.ifExists())) {
      StateDict initial = InitialWeights.load(conf, settings, network, console);
      Path work = new Path(staging.directory(), WORK);
      writeProgram(staging.fileSystem(), work, network, initial);
      Splits splits = splits(data);
      List<Epoch> history = run(data, splits, network, work, workers);
      long batches = batchesTracked(initial) + newBatches(splits, workers);
      StateDict trained = readWeights(staging.fileSystem(), work, network, initial, batches);
      staging.fileSystem().delete(work, true);
      try (OutputStream csv =
          staging.fileSystem().create(new Path(staging.directory(), ModelBundle.HISTORY_FILE))) {
        csv.write(Epoch.csv(history).getBytes(StandardCharsets.UTF_8));
      }
      Path published =
          ModelBundle.publish(
              staging,
              new ModelBundle.Description(
                  network, data.classes(), settings.recipe().imageSize(), Precision.PORTABLE),
              ModelBundle.portable(network, trained),
              Map.of("data", data.manifest().id()),
              manifestSettings(workers),
              figures(splits, history));
      return new TrainResult(published, history, workers);
    }
  }

  /** Path to label, of each split. */
  private record Splits(Map<String, Integer> train, Map<String, Integer> val) {}

  private Splits splits(DatasetArtifact data) {
    Splits splits = new Splits(new TreeMap<>(), new TreeMap<>());
    List<Row> rows =
        JobGroup.run(
            spark,
            "listing the pictures of " + settings.data(),
            () ->
                labelled(data)
                    .select(DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT)
                    .collectAsList());
    for (Row row : rows) {
      boolean train = row.getString(2).equals(DatasetSchema.TRAIN);
      (train ? splits.train : splits.val).put(row.getString(0), row.getInt(1));
    }
    if (splits.train.isEmpty()) {
      throw new OctavoException("%s has no train split".formatted(settings.data()));
    }
    return splits;
  }

  private static Dataset<Row> labelled(DatasetArtifact data) {
    return data.rows()
        .where(
            org.apache
                .spark
                .sql
                .functions
                .col(DatasetSchema.SPLIT)
                .isin(DatasetSchema.TRAIN, DatasetSchema.VAL));
  }

  private void writeProgram(FileSystem fs, Path work, Network network, StateDict initial)
      throws IOException {
    TrainProgram.Options options =
        new TrainProgram.Options(settings.recipe().batchNorm(), TrainProgram.Compute.FP32);
    try (OutputStream file =
        new BufferedOutputStream(fs.create(new Path(work, WorkPlan.PROGRAM)), 1 << 20)) {
      TrainProgram.write(network, initial, FlatLayout.of(network), options, file);
    }
  }

  private List<Epoch> run(
      DatasetArtifact data, Splits splits, Network network, Path work, int workers) {
    Recipe recipe = settings.recipe();
    FlatLayout layout = FlatLayout.of(network);
    WorkPlan plan =
        new WorkPlan(
            recipe,
            layout,
            ParameterGroup.of(layout, classifier(network), recipe.optimizer()),
            network.classes(),
            steps(splits, workers),
            work.toString(),
            settings.threads().orElseGet(this::threads),
            new SerializableConfiguration(conf));
    console.accept(
        "training %s on %,d photos (%,d for validation) with %d workers, %d threads each, %d steps per epoch"
            .formatted(
                network.name(),
                splits.train.size(),
                splits.val.size(),
                workers,
                plan.threads(),
                plan.steps()));
    EpochAccumulator epochs = new EpochAccumulator();
    spark.sparkContext().register(epochs, "epochs");
    EpochPrinter printer = new EpochPrinter(epochs, recipe.epochs(), console);
    spark.sparkContext().addSparkListener(printer);
    try {
      String description =
          "training %s on %,d photos with %d workers"
              .formatted(network.name(), splits.train.size(), workers);
      List<Outcome> outcomes =
          JobGroup.run(
              spark,
              description,
              () -> BarrierStage.run(sharded(data, splits, workers), new WorkerTask(plan, epochs)));
      for (Outcome outcome : outcomes) {
        if (outcome instanceof Outcome.Stopped stopped) {
          throw new OctavoException(stopped.reason());
        }
      }
      List<Epoch> history = ((Outcome.Finished) outcomes.get(0)).history();
      printer.finish(history);
      return history;
    } finally {
      spark.sparkContext().removeSparkListener(printer);
    }
  }

  /** The pictures, partition <i>i</i> for worker <i>i</i>. */
  private JavaRDD<Sample> sharded(DatasetArtifact data, Splits splits, int workers) {
    long seed = settings.recipe().seed();
    Map<String, Integer> assignment = new HashMap<>(Shards.assign(splits.train, workers, seed));
    assignment.putAll(Shards.assign(splits.val, workers, seed));
    Broadcast<Map<String, Integer>> worker =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(assignment);
    return labelled(data)
        .select(
            DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT, DatasetSchema.IMAGE)
        .javaRDD()
        .mapToPair(
            row ->
                new Tuple2<>(
                    worker.value().get(row.getString(0)),
                    new Sample(row.getString(0), row.getInt(1), row.getString(2), row.getAs(3))))
        .partitionBy(new HashPartitioner(workers)) // sends key i to partition i
        .values();
  }

  private int steps(Splits splits, int workers) {
    int batch = settings.recipe().batchSize();
    return (Shards.largest(splits.train.keySet(), workers) + batch - 1) / batch;
  }

  private int threads() {
    return OctavoSession.executorCores(spark.sparkContext().conf())
        .orElseGet(() -> spark.sparkContext().conf().getInt("spark.task.cpus", 1));
  }

  private static String classifier(Network network) {
    return network.nodes().stream()
        .filter(Node.Linear.class::isInstance)
        .map(node -> ((Node.Linear) node).name())
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  /** Batches that moved the running statistics of batch norm. */
  private long newBatches(Splits splits, int workers) {
    boolean moved = settings.recipe().batchNorm() != TrainProgram.BatchNorm.FROZEN;
    return moved ? (long) steps(splits, workers) * settings.recipe().epochs() : 0;
  }

  private static long batchesTracked(StateDict initial) {
    return initial.tensors().entrySet().stream()
        .filter(e -> e.getKey().endsWith(".num_batches_tracked"))
        .mapToLong(e -> e.getValue().bytes().getLong(0))
        .max()
        .orElse(0);
  }

  private static StateDict readWeights(
      FileSystem fs, Path work, Network network, StateDict initial, long batches)
      throws IOException {
    FlatLayout layout = FlatLayout.of(network);
    return layout.toStateDict(
        initial,
        readFloats(fs, new Path(work, WorkPlan.PARAMETERS), layout.parameterCount()),
        readFloats(fs, new Path(work, WorkPlan.BUFFERS), layout.bufferCount()),
        batches);
  }

  private static float[] readFloats(FileSystem fs, Path file, int count) throws IOException {
    byte[] bytes;
    try (var in = fs.open(file)) {
      bytes = in.readNBytes(count * Float.BYTES);
    }
    float[] floats = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer().get(floats);
    return floats;
  }

  private Map<String, Object> manifestSettings(int workers) {
    Recipe recipe = settings.recipe();
    Map<String, Object> map = new TreeMap<>();
    map.put("epochs", recipe.epochs());
    map.put("batchSize", recipe.batchSize());
    map.put("learningRate", recipe.optimizer().learningRate());
    map.put("backboneLearningRateFactor", recipe.optimizer().backboneFactor());
    map.put("momentum", recipe.optimizer().momentum());
    map.put("weightDecay", recipe.optimizer().weightDecay());
    map.put("warmupEpochs", recipe.warmupEpochs());
    map.put("labelSmoothing", recipe.labelSmoothing());
    map.put("batchNorm", recipe.batchNorm().name().toLowerCase(java.util.Locale.ROOT));
    map.put("seed", recipe.seed());
    map.put("workers", workers);
    map.put("weights", settings.weights().map(Path::toString).orElse("none"));
    return map;
  }

  private static Map<String, Object> figures(Splits splits, List<Epoch> history) {
    Epoch last = history.get(history.size() - 1);
    Map<String, Object> map = new TreeMap<>();
    map.put("trainImages", splits.train.size());
    map.put("valImages", splits.val.size());
    map.put("trainLoss", last.trainLoss());
    map.put("trainTop1", last.trainTop1());
    if (!splits.val.isEmpty()) {
      map.put("valLoss", last.valLoss());
      map.put("valTop1", last.valTop1());
    }
    return map;
  }
}
