package dev.octavo.spark.collective;

/**
 * A worker as its peers know it.
 *
 * @param rank from 0
 * @param executor Spark's id of the executor
 * @param host where its server listens
 * @param port of that server
 */
record Peer(int rank, String executor, String host, int port) {
  private static final String SEPARATOR = "\t";

  String encode() {
    return String.join(SEPARATOR, executor, host, String.valueOf(port));
  }

  static Peer decode(int rank, String encoded) {
    String[] fields = encoded.split(SEPARATOR, -1);
    return new Peer(rank, fields[0], fields[1], Integer.parseInt(fields[2]));
  }

  /** As messages name it. */
  @Override
  public String toString() {
    return "worker %d (executor %s on %s)".formatted(rank, executor, host);
  }
}
