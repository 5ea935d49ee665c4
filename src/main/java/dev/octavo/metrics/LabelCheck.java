package dev.octavo.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Labels that may be wrong, by confident learning (C. Northcutt, L. Jiang, I. Chuang, "Confident
 * Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021), from features that no label
 * took part in.
 *
 * <p>Out-of-sample probabilities come from the means of the classes (T. Mensink and others,
 * "Distance-Based Image Classification", TPAMI 2013): the softmax of <i>s</i> times the cosines
 * between an image's features and the mean of each class, all scaled to length 1 before. An image's
 * own features are left out of the mean of its class, so no fold is needed and nothing is random.
 * The scale <i>s</i> is that with the lowest cross-entropy.
 */
public final class LabelCheck {
  private static final int SCALES = 21;

  private final List<float[]> vectors;
  private final int[] labels;
  private final int classes;
  private final double[][] probabilities;
  private final double[] thresholds;

  /**
   * Computes the probabilities.
   *
   * @param features of each image, of one length
   * @param labels class index of each image
   */
  public LabelCheck(List<float[]> features, int[] labels, int classes) {
    this.vectors = features.stream().map(NearestNeighbours::unit).toList();
    this.labels = labels.clone();
    this.classes = classes;
    double[][] cosines = cosines();
    double scale = 1;
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < SCALES; i++) {
      double candidate = Math.pow(2, i / 2.0);
      double loss = loss(cosines, candidate);
      if (loss < best) {
        best = loss;
        scale = candidate;
      }
    }
    double chosen = scale;
    this.probabilities =
        Arrays.stream(cosines).map(row -> softmax(row, chosen)).toArray(double[][]::new);
    this.thresholds = thresholds();
  }

  /** The probability of a class for an image. */
  public double probability(int image, int label) {
    return probabilities[image][label];
  }

  /** The class with the highest probability. */
  public int named(int image) {
    double[] row = probabilities[image];
    return IntStream.range(0, classes).reduce((a, b) -> row[b] > row[a] ? b : a).orElseThrow();
  }

  /**
   * Returns whether the label of an image may be wrong: of the classes with at least the
   * probability that they have on average on images labelled so, another one is the likeliest.
   */
  public boolean isDoubtful(int image) {
    double[] row = probabilities[image];
    return IntStream.range(0, classes)
        .filter(k -> row[k] >= thresholds[k])
        .reduce((a, b) -> row[b] > row[a] ? b : a)
        .stream()
        .anyMatch(k -> k != labels[image]);
  }

  private double[][] cosines() {
    int length = vectors.isEmpty() ? 0 : vectors.get(0).length;
    double[][] sums = new double[classes][length];
    for (int i = 0; i < labels.length; i++) {
      float[] vector = vectors.get(i);
      for (int j = 0; j < length; j++) {
        sums[labels[i]][j] += vector[j];
      }
    }
    double[] squares = Arrays.stream(sums).mapToDouble(sum -> product(sum, sum)).toArray();
    return IntStream.range(0, labels.length)
        .parallel()
        .mapToObj(i -> cosines(i, sums, squares))
        .toArray(double[][]::new);
  }

  /** Of a class that has no other image, 0. */
  private double[] cosines(int image, double[][] sums, double[] squares) {
    float[] vector = vectors.get(image);
    double own = product(vector, vector);
    double[] row = new double[classes];
    for (int k = 0; k < classes; k++) {
      double dot = product(sums[k], vector);
      double square = squares[k];
      if (k == labels[image]) { // as if it weren't in the sum
        square = square - 2 * dot + own;
        dot -= own;
      }
      row[k] = square > 1e-9 ? dot / Math.sqrt(square) : 0;
    }
    return row;
  }

  private double loss(double[][] cosines, double scale) {
    return IntStream.range(0, cosines.length)
        .mapToDouble(i -> -Math.log(Math.max(1e-12, softmax(cosines[i], scale)[labels[i]])))
        .sum();
  }

  private double[] thresholds() {
    double[] sums = new double[classes];
    int[] counts = new int[classes];
    for (int i = 0; i < labels.length; i++) {
      sums[labels[i]] += probabilities[i][labels[i]];
      counts[labels[i]]++;
    }
    // A class without images can't be what another image is.
    return IntStream.range(0, classes)
        .mapToDouble(k -> counts[k] == 0 ? Double.POSITIVE_INFINITY : sums[k] / counts[k])
        .toArray();
  }

  private static double[] softmax(double[] cosines, double scale) {
    double largest = Arrays.stream(cosines).max().orElse(0);
    double[] row = Arrays.stream(cosines).map(c -> Math.exp(scale * (c - largest))).toArray();
    double sum = Arrays.stream(row).sum();
    return Arrays.stream(row).map(e -> e / sum).toArray();
  }

  private static double product(double[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
