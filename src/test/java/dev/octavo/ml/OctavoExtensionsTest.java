package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OctavoExtensionsTest {
  @TempDir private Path work;

  @Test
  void configurationAloneBringsTheFunction() throws IOException {
    String model = LibraryData.model(work.resolve("model"), 1);
    LibraryData.writeImages(work.resolve("images"), 3);
    SparkSession spark =
        LocalCluster.start(
            "local-cluster[1,1,1024]",
            Map.of("spark.sql.extensions", OctavoExtensions.class.getName()));
    try {
      String query =
          "SELECT octavo_classify(content).label AS label FROM binaryFile.`%s`"
              .formatted(work.resolve("images"));
      assertThatThrownBy(() -> spark.sql(query))
          .hasMessageContaining("octavo_classify has no model: set spark.octavo.model");
      spark.conf().set(OctavoExtensions.MODEL, model);
      assertThatThrownBy(() -> spark.sql("SELECT octavo_classify('a', 'b')"))
          .hasMessageContaining("octavo_classify takes one image, not 2 arguments");
      assertThat(spark.sql(query).queryExecution().optimizedPlan().toString())
          .contains("Classify ");
      assertThat(spark.sql(query).where("label IS NOT NULL").count()).isEqualTo(3);
    } finally {
      LocalCluster.stop();
    }
  }
}
