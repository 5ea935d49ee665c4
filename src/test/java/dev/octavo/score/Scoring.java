package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.TinyModel;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.results.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Runs of {@link Score} in a directory: a model in {@code model}, scores in {@code scores}. */
final class Scoring {
  static final List<String> CLASSES = List.of("bar", "child's room", "gym");

  private final SparkSession spark;
  private final Path directory;
  private final ScoreSettingsBuilder settings;

  /** Of the folder {@code images}. */
  Scoring(SparkSession spark, Path directory) throws IOException {
    this.spark = spark;
    this.directory = directory;
    this.settings =
        ScoreSettingsBuilder.builder()
            .models(List.of(hadoop("model")))
            .source(new InputSource.Folder(hadoop("images")))
            .out(hadoop("scores"))
            .ifExists(IfExists.FAIL)
            .batchSize(4)
            .outputs(Outputs.top(2))
            .precision(Precision.FP32)
            .cpu(CpuPolicy.ADAPT)
            .limits(DecodeLimits.DEFAULT)
            .decodeTime(InferencePlan.DECODE_TIME)
            .commitFiles(1000)
            .latencyTime(Duration.ZERO)
            .table(Optional.empty())
            .onnx(Optional.empty())
            .builder();
    if (!Files.exists(directory.resolve("model"))) {
      TinyModel.publish(hadoop("model"), CLASSES, 1);
    }
  }

  org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path("file:" + directory.resolve(name));
  }

  Scoring source(InputSource newSource) {
    settings.source(newSource);
    return this;
  }

  Scoring overwrite() {
    settings.ifExists(IfExists.REPLACE);
    return this;
  }

  Scoring outputs(Outputs newOutputs) {
    settings.outputs(newOutputs);
    return this;
  }

  Scoring decodeTime(Duration limit) {
    settings.decodeTime(limit);
    return this;
  }

  Scoring commitFiles(int files) {
    settings.commitFiles(files);
    return this;
  }

  Scoring latencyTime(Duration time) {
    settings.latencyTime(time);
    return this;
  }

  Scoring models(List<org.apache.hadoop.fs.Path> newModels) {
    settings.models(newModels);
    return this;
  }

  Scoring onnx(OnnxOptions said) {
    settings.onnx(Optional.of(said));
    return this;
  }

  Scoring table(OutputTable newTable) {
    settings.table(Optional.of(newTable));
    return this;
  }

  Scoring out(String name) {
    settings.out(hadoop(name));
    return this;
  }

  ScoreSettings settings() {
    return settings.build();
  }

  ScoreResult run() throws IOException {
    return new Score(spark, settings()).execute();
  }

  /** What is published. */
  List<Row> predictions() {
    return spark
        .read()
        .schema(PredictionRows.PUBLISHED)
        .parquet(new org.apache.hadoop.fs.Path(settings().out(), Scores.PREDICTIONS).toString())
        .collectAsList();
  }

  /** Each of these has one row, and nothing else has. */
  void assertScoredOnce(Collection<String> paths) {
    assertThat(predictions().stream().map(row -> row.<String>getAs("path")).sorted())
        .containsExactlyElementsOf(new TreeSet<>(paths));
  }
}
