package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSetSpec;
import dev.octavo.inference.ModelSpec;
import dev.octavo.results.InputSource;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.InputSource.PathList;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.InputSource.Table;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresManifest;
import dev.octavo.score.Rounds.Round;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The stage that runs every model over the same images on the executors and publishes what they
 * say, how often they are right and how fast they are.
 *
 * <p>It scores what has no predictions yet, round by round ({@link ScoresWorkspace}): run again
 * after it was killed it goes on, run again after files came it adds them.
 */
public final class Score {
  private static final String DISK_FULL = "No space left on device";

  private final SparkSession spark;
  private final ScoreSettings settings;
  private final Configuration conf;
  private final JavaSparkContext context;
  private final ScoreCounters counters;
  private final FileListing files;

  /** The inputs to take now: all that are listed, some, or none as yet. */
  @FunctionalInterface
  interface Choice {
    Optional<InputListing> of(JobGroup.Work<InputListing, IOException> listing) throws IOException;
  }

  /** A run on that session. */
  public Score(SparkSession spark, ScoreSettings settings) {
    this.spark = spark;
    this.settings = settings;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.counters = new ScoreCounters(spark.sparkContext());
    this.files = new FileListing(spark);
  }

  /**
   * Scores and publishes.
   *
   * @throws OctavoException if a model or the source can't be read, another run's scores are in the
   *     way, or an input was lost or doubled
   */
  public ScoreResult execute() throws IOException {
    return executeIfAny(listing -> Optional.of(listing.run()))
        .orElseThrow(
            () ->
                new OctavoException(
                    "%s holds no %s: there is nothing to score"
                        .formatted(
                            settings.source().describe(),
                            settings.source() instanceof Folder ? "files" : "images")));
  }

  /**
   * Scores and publishes, unless nothing was chosen, or there is nothing to score and never was.
   *
   * @param choice of the listed inputs to take now
   */
  Optional<ScoreResult> executeIfAny(Choice choice) throws IOException {
    List<ImageClassifier> models = new ArrayList<>();
    for (Path path : settings.models()) {
      models.add(ImageClassifier.open(conf, path, settings.onnx()));
    }
    List<ModelSpec> specs = specs(models);
    Optional<InputListing> chosen =
        choice.of(
            () ->
                JobGroup.run(spark, "listing " + settings.source().describe(), () -> list(models)));
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    InputListing listed = chosen.get();
    Manifest run = run(models, specs, listed);
    try (ScoresWorkspace workspace =
        ScoresWorkspace.open(conf, settings.out(), settings.ifExists(), settings.inputs(), run)) {
      if (settings.table().isPresent()) {
        new TableSink(spark, workspace, settings.table().get()).check();
      }
      Optional<ScoreResult> result = score(run, specs, models, listed, workspace);
      if (settings.table().isPresent() && result.isPresent()) {
        new TableSink(spark, workspace, settings.table().get()).append(workspace.published());
      }
      return result;
    } catch (FSError e) {
      explain(e, "");
      throw e;
    }
  }

  private Optional<ScoreResult> score(
      Manifest run,
      List<ModelSpec> specs,
      List<ImageClassifier> models,
      InputListing listed,
      ScoresWorkspace workspace)
      throws IOException {
    Broadcast<InferencePlan> plan =
        context.broadcast(
            new InferencePlan(
                new ModelSetSpec(
                    specs, settings.batchSize(), settings.limits(), settings.decodeTime()),
                settings.outputs(),
                new SerializableConfiguration(conf)));
    try {
      long scored = scoreMissing(listed, workspace, plan);
      if (workspace.rounds().isEmpty()) {
        return Optional.empty();
      }
      if (scored == 0 && ScoresPublisher.isPublished(workspace) && !lacksLatency(workspace)) {
        return Optional.of(ScoresPublisher.published(workspace));
      }
      ScoresPublisher measures =
          new ScoresPublisher(spark, workspace, plan, models, settings.latencyTime());
      return Optional.of(measures.publish(run, scored, listed.skipped()));
    } catch (IOException | RuntimeException | FSError e) {
      explain(e, workspace.abandon());
      throw e;
    } finally {
      plan.destroy();
    }
  }

  private boolean lacksLatency(ScoresWorkspace workspace) throws IOException {
    return !settings.latencyTime().isZero()
        && ScoresPublisher.publishedLatency(workspace).isEmpty();
  }

  /** Throws a failure that says what to do about a full disk, or what is kept; or does nothing. */
  private void explain(Throwable failure, String kept) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains(DISK_FULL)) {
        throw new OctavoException(
            "there is no space left where %s is being written: free some and run the same command again%s"
                .formatted(settings.out(), kept),
            failure);
      }
    }
    if (failure instanceof OctavoException known && !kept.isEmpty()) {
      throw new OctavoException(known.getMessage() + kept, known);
    }
  }

  private InputListing list(List<ImageClassifier> models) throws IOException {
    InputSource source = settings.source();
    if (source instanceof Folder folder) {
      return files.list(folder);
    }
    if (source instanceof PathList list) {
      return files.list(list);
    }
    return source instanceof Split split
        ? new RowListing(spark).list(split)
        : new RowListing(spark).list((Table) source, models);
  }

  /** Returns how many inputs were missing. */
  private long scoreMissing(
      InputListing listed, ScoresWorkspace workspace, Broadcast<InferencePlan> plan)
      throws IOException {
    RoundScorer scorer = new RoundScorer(spark, workspace, plan, counters);
    List<Supplier<Round>> rounds =
        JobGroup.run(
            spark,
            "looking for what is scored already",
            () -> new Rounds(spark, settings.commitFiles()).of(listed, scoredPaths(workspace)));
    long scored = 0;
    for (Supplier<Round> next : rounds) {
      Round round = JobGroup.run(spark, "cutting a round into partitions", next::get);
      if (round.count() > 0) {
        scorer.score(round, workspace.rounds().size(), settings.source().describe());
        scored += round.count();
      }
    }
    return scored;
  }

  /** The paths that have predictions: those of one model, since all models have the same. */
  private Dataset<Row> scoredPaths(ScoresWorkspace workspace) throws IOException {
    List<String> directories = new ArrayList<>();
    for (Path round : workspace.rounds()) {
      directories.add(Paths.literal(workspace.oneModelOf(round)));
    }
    return directories.isEmpty()
        ? spark.emptyDataFrame().selectExpr("cast(null as string) as path")
        : spark
            .read()
            .schema(PredictionRows.SCHEMA)
            .parquet(directories.toArray(String[]::new))
            .select(PredictionRows.PATH);
  }

  /** The settings that decide the predictions. */
  private Manifest run(List<ImageClassifier> models, List<ModelSpec> specs, InputListing listed) {
    Map<String, String> parents = new TreeMap<>();
    for (int i = 0; i < specs.size(); i++) {
      parents.put(ParentRole.model(specs.get(i).name()), models.get(i).id());
    }
    if (listed.parent() != null) {
      parents.put(ParentRole.DATA, listed.parent());
    }
    ScoresManifest chosen =
        new ScoresManifest(
            specs.stream().map(ModelSpec::path).toList(),
            settings.source(),
            settings.outputs(),
            settings.precision(),
            settings.limits(),
            settings.onnx());
    return Manifest.of(Scores.KIND, parents, RecordEntries.of(chosen), Map.of());
  }

  private List<ModelSpec> specs(List<ImageClassifier> models) {
    List<String> names = ModelNames.of(models.stream().map(ImageClassifier::path).toList());
    List<ModelSpec> specs = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      specs.add(ModelSpec.of(names.get(i), models.get(i), settings.precision(), settings.cpu()));
    }
    return specs;
  }
}
