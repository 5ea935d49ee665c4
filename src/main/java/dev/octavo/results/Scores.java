package dev.octavo.results;

/** The names in a scores artifact. */
public final class Scores {
  /** The kind in the manifest. */
  public static final String KIND = "scores";

  /** The directory of the predictions, Parquet, partitioned by {@link #ROUND} and model. */
  public static final String PREDICTIONS = "predictions";

  /**
   * The partition column of {@link #PREDICTIONS} that says which predictions were committed
   * together.
   */
  public static final String ROUND = "round";

  /** The directory of the throughput rows, Parquet. */
  public static final String THROUGHPUT = "throughput";

  private Scores() {}
}
