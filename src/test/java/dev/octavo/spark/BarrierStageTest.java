package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BarrierStageTest {
  @AfterAll
  static void stopCluster() {
    LocalCluster.stop();
  }

  @Test
  void refusesSpeculationAndSaysHowToSwitchItOff() {
    SparkSession spark = LocalCluster.start("local[1]", Map.of("spark.speculation", "true"));
    assertThatThrownBy(() -> BarrierStage.workers(spark, OptionalInt.empty()))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "spark.speculation is on, but a second copy of a worker would join the first's exchange: pass --conf spark.speculation=false");
  }

  @Test
  void refusesTaskSlotsThatShareAnExecutor() {
    SparkSession spark = LocalCluster.start("local-cluster[1,2,512]", Map.of());
    assertThatThrownBy(() -> BarrierStage.workers(spark, OptionalInt.empty()))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "1 executors have 2 task slots, but each worker needs an executor to itself: set spark.task.cpus (now 1) to the number of cores of an executor");
  }

  @Test
  void theOneExecutorOfLocalModeMayHaveMoreSlots() {
    SparkSession spark = LocalCluster.start("local[4]", Map.of());
    assertThat(BarrierStage.workers(spark, OptionalInt.empty())).isEqualTo(1);
  }

  @Test
  void countsOneWorkerPerExecutor() {
    SparkSession spark = LocalCluster.start("local[4]", Map.of("spark.task.cpus", "4"));
    assertThat(BarrierStage.workers(spark, OptionalInt.empty())).isEqualTo(1);
  }
}
