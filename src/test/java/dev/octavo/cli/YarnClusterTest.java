package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.LocalFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.spark.deploy.yarn.SparkRackResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs whose driver YARN runs, while executors are killed. The resource manager and the node
 * manager are in this JVM; they start drivers and executors as they do anywhere.
 */
@EnabledIfEnvironmentVariable(named = "OCTAVO_CLUSTER_TESTS", matches = "1")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class YarnClusterTest {
  @TempDir private static Path directory;
  private static MiniYARNCluster yarn;
  private static ClusterJobs jobs;

  @BeforeAll
  static void start() throws Exception {
    YarnConfiguration conf = new YarnConfiguration();
    conf.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, 8192);
    conf.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set("yarn.scheduler.capacity.root.default.capacity", "100");
    conf.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1"); // a third is a driver
    conf.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false); // of Java, it is meaningless
    yarn = new MiniYARNCluster("octavo", 1, 1, 1);
    yarn.init(conf);
    yarn.start();
    Path hadoop = Files.createDirectory(directory.resolve("hadoop"));
    try (OutputStream out = Files.newOutputStream(hadoop.resolve("yarn-site.xml"))) {
      Configuration site = new Configuration(yarn.getConfig());
      LocalFiles.SETTINGS
          .keySet()
          .forEach(site::unset); // of tests, which drivers come to know later
      site.writeXml(out);
    }
    // The embedded Spark has no YARN.
    Path sparkYarn =
        Path.of(
            SparkRackResolver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path settings =
        Files.writeString(
            directory.resolve("spark.conf"),
            """
            spark.master yarn
            spark.submit.deployMode cluster
            spark.yarn.jars local:%s/*,local:%s
            spark.driver.extraClassPath %2$s
            spark.yarn.stagingDir %s
            spark.authenticate true
            spark.network.crypto.enabled true
            spark.io.encryption.enabled true
            spark.ui.enabled false
            spark.executor.instances 2
            spark.executor.cores 1
            spark.executor.memory 1g
            spark.executor.memoryOverhead 1g
            spark.driver.memory 1g
            spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
            spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1
            # A machine that stands still for minutes loses no process.
            spark.network.timeout 3600s
            """
                .formatted(Checkout.sparkJars(), sparkYarn, directory.resolve("staging").toUri()));
    jobs =
        new ClusterJobs(
            directory,
            List.of(
                "--master",
                "yarn",
                "--deploy-mode",
                "cluster",
                "--properties-file",
                settings.toString()),
            Map.of("HADOOP_CONF_DIR", hadoop.toString()));
  }

  @AfterAll
  static void stop() throws IOException {
    if (yarn != null) {
      yarn.stop();
      FileUtil.fullyDelete(yarn.getTestWorkDir());
    }
  }

  private static void killExecutor() {
    String containers = yarn.getTestWorkDir().getAbsolutePath();
    ProcessHandle executor =
        ProcessHandle.allProcesses()
            .filter(process -> process.info().command().orElse("").endsWith("java"))
            .filter(StandaloneCluster::isExecutor)
            .filter(process -> StandaloneCluster.commandLine(process).contains(containers))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no executor runs"));
    assertThat(executor.destroyForcibly()).isTrue();
  }

  @Test
  void trainingThatLosesAnExecutorEndsWithTheSameWeights() throws Exception {
    Process job = jobs.startUpToCheckpoint("trained");
    killExecutor();
    jobs.awaitSuccess(job);
    jobs.assertSameWeights("trained");
  }

  @Test
  void scoringThatLosesAnExecutorHasTheSameRows() throws Exception {
    Process job = jobs.startUpToFirstRound("after-a-lost-executor");
    killExecutor();
    jobs.awaitSuccess(job);
    jobs.assertSameScores("after-a-lost-executor");
  }

  @Test
  void ingestWritesTheSameRows() throws Exception {
    jobs.awaitSuccess(jobs.start(jobs.ingest("images-in")));
    jobs.assertSameDataset("images-in");
  }
}
