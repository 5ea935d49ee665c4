package dev.octavo.spark.collective;

import org.apache.spark.SparkConf;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.util.TransportConf;
import scala.Option;

/** Settings of Spark's transport, as Spark 4.2 makes them. */
final class TransportSettings {
  private TransportSettings() {}

  /** Those of {@code spark.octavo.io.*}, for threads on that many cores. */
  static TransportConf of(SparkConf conf, int cores) {
    return SparkTransportConf.fromSparkConf(conf, "octavo", cores, Option.empty(), Option.empty());
  }
}
