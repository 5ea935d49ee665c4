package dev.octavo.metrics;

/**
 * Images and the time they took, one after the other. For work that ran side by side add the images
 * but take the time from a clock: times of parallel parts don't add up to elapsed time.
 *
 * @param images how many
 * @param nanos elapsed nanoseconds
 */
public record Throughput(long images, long nanos) {
  /** Refuses what can't be measured. */
  public Throughput {
    if (images < 0 || nanos < 0) {
      throw new IllegalArgumentException("%d images in %d ns".formatted(images, nanos));
    }
  }

  /** Both parts, the second after the first. */
  public Throughput then(Throughput next) {
    return new Throughput(images + next.images, nanos + next.nanos);
  }

  /** Images per second; {@code NaN} when no time passed. */
  public double imagesPerSecond() {
    return nanos == 0 ? Double.NaN : images * 1e9 / nanos;
  }

  /** Milliseconds per image; {@code NaN} without images. */
  public double millisPerImage() {
    return images == 0 ? Double.NaN : nanos / 1e6 / images;
  }
}
