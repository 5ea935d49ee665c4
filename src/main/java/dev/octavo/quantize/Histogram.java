package dev.octavo.quantize;

/**
 * The counts of one tensor's values in equally wide bins.
 *
 * @param name the layer, for messages
 * @param low lower edge of the first bin
 * @param high upper edge of the last bin
 * @param least the least value seen
 * @param greatest the greatest value seen
 * @param counts values per bin
 */
public record Histogram(
    String name, double low, double high, double least, double greatest, double[] counts) {

  /** Refuses edges and extremes that are not finite or out of order. */
  public Histogram {
    if (!(Double.isFinite(low) && Double.isFinite(high) && low < high)) {
      throw new IllegalArgumentException(
          "the histogram of %s must span a finite range, not [%s, %s]".formatted(name, low, high));
    }
    if (!(least >= low && greatest <= high && least <= greatest)) {
      throw new IllegalArgumentException(
          "the values of %s, [%s, %s], lie outside its histogram [%s, %s]"
              .formatted(name, least, greatest, low, high));
    }
  }

  /** Width of one bin. */
  public double binWidth() {
    return (high - low) / counts.length;
  }

  /** Middle of a bin. */
  public double centre(int bin) {
    return low + (bin + 0.5) * binWidth();
  }

  /** All values counted. */
  public double total() {
    double sum = 0;
    for (double c : counts) {
      sum += c;
    }
    return sum;
  }
}
