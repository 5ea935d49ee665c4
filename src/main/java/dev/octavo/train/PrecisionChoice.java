package dev.octavo.train;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.program.Precision;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.JobGroup;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** The precision of a run, if the user leaves it to the hardware. */
final class PrecisionChoice {
  private PrecisionChoice() {}

  /** The user's choice, else bfloat16 if the CPUs of all workers compute it natively. */
  static Precision of(
      SparkSession spark, Optional<Precision> wanted, int workers, Consumer<String> console) {
    if (wanted.isPresent()) {
      return wanted.get();
    }
    List<Integer> ranks = IntStream.range(0, workers).boxed().toList();
    List<CpuFeatures> cpus =
        JobGroup.run(
            spark,
            "looking at the CPUs of %d workers".formatted(workers),
            () ->
                BarrierStage.run(
                    JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .parallelize(ranks, workers),
                    (task, rows) -> CpuFeatures.current()));
    boolean everywhere = cpus.stream().allMatch(CpuFeatures::computesBfloat16);
    TreeSet<String> kinds = new TreeSet<>();
    cpus.forEach(cpu -> kinds.add(cpu.toString()));
    console.accept(
        "precision: %s, because the workers' CPUs have %s"
            .formatted(everywhere ? "bf16" : "fp32", String.join(" / ", kinds)));
    return everywhere ? Precision.BF16 : Precision.FP32;
  }
}
