package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's metrics system tells a sink. */
class ScoreCountersTest {
  private static final String SINK = "spark.metrics.conf.driver.sink.prometheusServlet.";

  @TempDir private Path directory;

  @AfterEach
  void stopCluster() {
    LocalCluster.stop();
  }

  @Test
  void prometheusSeesTheTotals() throws IOException, InterruptedException {
    SparkSession spark =
        LocalCluster.start(
            "local-cluster[2,1,1024]",
            Map.of(
                "spark.ui.enabled",
                "true",
                "spark.ui.port",
                "0",
                SINK + "class",
                "org.apache.spark.metrics.sink.PrometheusServlet",
                SINK + "path",
                "/metrics/prometheus"));
    Images.fill(directory.resolve("images"), 0, 7);
    Files.writeString(directory.resolve("images/notes.txt"), "no image");
    new Scoring(spark, directory).run();
    String metrics = get(spark.sparkContext().uiWebUrl().get() + "/metrics/prometheus");
    assertThat(gauge(metrics, "octavo_images")).isEqualTo(7);
    assertThat(gauge(metrics, "octavo_failures")).isEqualTo(1);
    assertThat(gauge(metrics, "octavo_inputs")).isEqualTo(8);
    assertThat(gauge(metrics, "octavo_inferMillis")).isPositive();
  }

  private static String get(String uri) throws IOException, InterruptedException {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NORMAL)
        .build()
        .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static double gauge(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.contains(name + "_Number"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no gauge " + name + " in\n" + metrics));
  }
}
