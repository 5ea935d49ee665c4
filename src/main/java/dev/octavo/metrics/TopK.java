package dev.octavo.metrics;

/** Ranks among scores, for top-k accuracy. */
public final class TopK {
  private TopK() {}

  /**
   * The rank of one class, 1 for the best: one more than the number of classes that come before it.
   * Of equal scores the lower index comes first, so ranks are distinct and top-1 equals {@code
   * argmax}.
   *
   * @param scores logits or probabilities, one per class
   * @param index of the class
   */
  public static int rank(float[] scores, int index) {
    int rank = 1;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > scores[index] || (scores[i] == scores[index] && i < index)) {
        rank++;
      }
    }
    return rank;
  }

  /**
   * The indices of the {@code k} largest scores, best first; fewer when there are fewer classes. Of
   * equal scores the lower index comes first.
   */
  public static int[] indices(float[] scores, int k) {
    int n = Math.min(k, scores.length);
    int[] best = new int[n];
    int filled = 0;
    // Insertion into a short sorted list: k is small and most scores fail the first comparison.
    for (int i = 0; i < scores.length; i++) {
      if (filled == n && (n == 0 || scores[i] <= scores[best[n - 1]])) {
        continue;
      }
      int at = filled < n ? filled++ : n - 1;
      while (at > 0 && scores[best[at - 1]] < scores[i]) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = i;
    }
    return best;
  }

  /**
   * Softmax, {@code exp(x[i]) / Σ exp(x[j])}, shifted by the maximum so that nothing overflows and
   * summed in double precision.
   *
   * @return probabilities that sum to 1
   * @throws IllegalArgumentException if a logit is not finite
   */
  public static float[] softmax(float[] logits) {
    return softmax(logits, 1);
  }

  /** Softmax of the logits divided by a temperature. */
  static float[] softmax(float[] logits, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        throw new IllegalArgumentException("a logit is " + logit);
      }
      max = Math.max(max, logit);
    }
    double[] exps = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      exps[i] = Math.exp((logits[i] - max) / temperature);
      sum += exps[i];
    }
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (exps[i] / sum);
    }
    return probabilities;
  }
}
