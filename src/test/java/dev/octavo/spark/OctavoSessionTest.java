package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
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

  @Test
  void runsTasksInExecutorsOfTheirOwn() {
    String driver = ProcessHandle.current().pid() + "";
    assertThat(
            org.apache.spark.api.java.JavaSparkContext.fromSparkContext(
                    LocalCluster.session().sparkContext())
                .parallelize(java.util.List.of(1, 2), 2)
                .map(i -> ProcessHandle.current().pid() + "")
                .collect())
        .hasSize(2)
        .doesNotContain(driver);
  }
}
