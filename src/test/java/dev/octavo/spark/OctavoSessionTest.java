package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OctavoSessionTest {
  @ParameterizedTest
  @CsvSource({
    "'local-cluster[2,3,1024]', 3",
    "'local[4]', 4",
    "'local[4,2]', 4",
    "local, 1",
    "yarn, 1",
    "k8s://https://host:443, 1"
  })
  void readsTheCoresOfAnExecutorFromTheMaster(String master, int cores) {
    assertThat(OctavoSession.executorCores(new SparkConf(false).setMaster(master))).hasValue(cores);
  }

  @Test
  void prefersTheConfiguredCoresOnACluster() {
    SparkConf conf = new SparkConf(false).setMaster("spark://host:7077");
    assertThat(OctavoSession.executorCores(conf)).isEqualTo(OptionalInt.empty());
    assertThat(OctavoSession.executorCores(conf.set("spark.executor.cores", "8"))).hasValue(8);
  }

  @Test
  void takesJavasSerializerWhateverIsConfigured() {
    SparkConf conf = new SparkConf(false);
    OctavoSession.useJavaSerializer(conf);
    assertThat(conf.contains("spark.serializer")).isFalse();
    conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    OctavoSession.useJavaSerializer(conf);
    assertThat(conf.get("spark.serializer"))
        .isEqualTo("org.apache.spark.serializer.JavaSerializer");
  }

  @Test
  void namesJobsAndRestoresTheCallersGroup() {
    var context = LocalCluster.session().sparkContext();
    context.setJobGroup("outer", "the caller's work", false);
    try {
      String inner =
          JobGroup.run(
              LocalCluster.session(),
              "counting",
              () -> context.getLocalProperty("spark.job.description"));
      assertThat(inner).isEqualTo("counting");
      assertThat(context.getLocalProperty("spark.jobGroup.id")).isEqualTo("outer");
      assertThat(context.getLocalProperty("spark.job.description")).isEqualTo("the caller's work");
    } finally {
      context.clearJobGroup();
    }
  }

  /** Prints a variable of an executor's environment. */
  static final class OfAnExecutor {
    private OfAnExecutor() {}

    public static void main(String[] args) {
      System.setProperty("spark.master", "local-cluster[1,1,1024]");
      System.setProperty("spark.executor.extraClassPath", LocalCluster.classPath());
      try (JavaSparkContext spark =
          JavaSparkContext.fromSparkContext(OctavoSession.openForNetworks("test").sparkContext())) {
        String value = spark.parallelize(List.of(args), 1).map(System::getenv).first();
        System.out.println(args[0] + "=" + value);
      }
    }
  }

  @Test
  void executorsThatRunNetworksKeepFreedMemory(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("log");
    TestProcess.start(OfAnExecutor.class, log, "MALLOC_MMAP_MAX_").waitFor();
    assertThat(Files.readAllLines(log)).contains("MALLOC_MMAP_MAX_=0");
  }

  @Test
  void runsTasksInExecutorsOfTheirOwn() {
    String driver = ProcessHandle.current().pid() + "";
    assertThat(
            JavaSparkContext.fromSparkContext(LocalCluster.session().sparkContext())
                .parallelize(List.of(1, 2), 2)
                .map(i -> ProcessHandle.current().pid() + "")
                .collect())
        .hasSize(2)
        .doesNotContain(driver);
  }
}
