package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.network.ResNet;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCheckTest {
  @TempDir private Path directory;

  @Test
  void findsWrongLabelsAndAnImageOfTwoSplits() throws IOException {
    SparkSession spark = LocalCluster.session();
    Recipe recipe = Recipes.of(3, 8).optimizer(Recipes.learningRate(0.02)).build();
    TrainResult weights =
        new Training(
                spark, GeneratedData.write(spark, directory.resolve("clean"), 48, 6), directory)
            .network(ResNet.RESNET18)
            .train("weights", recipe);
    TrainResult result =
        new Training(
                spark,
                GeneratedData.writeWithFaults(
                    spark, directory.resolve("faulty"), 60, 12, List.of(4, 20, 33), 7),
                directory)
            .network(ResNet.RESNET18)
            .startFrom(weights.model())
            .checkingData()
            .train("model", Recipes.of(1, 8).build());

    Dataset<Row> table = spark.read().parquet(result.model() + "/data-check");
    assertThat(table.count()).isEqualTo(72);
    assertThat(table.where("doubtful").select("split", "path", "label", "named").collectAsList())
        .extracting(Row::toString)
        .contains(
            "[train,green/train-4.png,red,green]",
            "[train,red/train-20.png,blue,red]",
            "[train,blue/train-33.png,green,blue]")
        .hasSizeLessThan(8);
    Row repeated = table.where("path = 'green/val-1.png'").first();
    assertThat(repeated.<String>getAs("nearest_path")).isEqualTo("green/train-7.png");
    assertThat(repeated.<Double>getAs("nearest_distance")).isCloseTo(0, within(1e-3));
  }

  @Test
  void needsWeights() throws IOException {
    SparkSession spark = LocalCluster.session();
    Training training =
        new Training(spark, GeneratedData.write(spark, directory.resolve("data"), 3, 0), directory);
    assertThatThrownBy(() -> training.checkingData().train("model", Recipes.of(1, 2).build()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("--check-data")
        .hasMessageContaining("give --weights");
  }
}
