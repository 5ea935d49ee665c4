package dev.octavo.spark.collective;

import dev.octavo.spark.LocalCluster;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three executors that prove to each other who they are and encrypt what they send. */
class EncryptedRingTest {
  private static SparkSession spark;

  @BeforeAll
  static void startCluster() {
    spark =
        LocalCluster.start(
            "local-cluster[3,1,512]",
            Map.of(
                "spark.authenticate", "true",
                "spark.authenticate.secret", "a secret of this test",
                "spark.network.crypto.enabled", "true"));
  }

  @AfterAll
  static void stopCluster() {
    LocalCluster.stop();
  }

  @Test
  void sumsVectorsOverThreeExecutors() {
    RingTest.assertAllReduceEqualsSerialSum(spark, 3, 2);
    RingTest.assertAllReduceEqualsSerialSum(spark, 3, 3_000_001);
  }
}
