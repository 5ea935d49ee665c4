package dev.octavo.report;

import dev.octavo.artifact.Hashes;
import dev.octavo.metrics.NearestNeighbours;
import dev.octavo.metrics.NearestNeighbours.Neighbour;
import dev.octavo.metrics.Quantiles;
import dev.octavo.metrics.Ratio;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The distances of images to the nearest of a reference, by their embeddings. The reference's are
 * added first; of very many images a sample is measured, chosen by a hash of their paths, and at
 * most a batch of them is held.
 */
final class EmbeddingDistances {
  /** The column of embeddings. */
  static final String COLUMN = "embedding";

  /** The share of the reference's images that count as far from the others. */
  static final double FAR = 0.05;

  private static final int MOST_REFERENCE = 2_000;
  private static final int MOST_MEASURED = 10_000;
  private static final int MOST_FARTHEST = 200;
  private static final int BATCH = 256;

  private final double referenceShare;
  private final double share;
  private final List<String> referencePaths = new ArrayList<>();
  private final List<float[]> reference = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final List<float[]> batch = new ArrayList<>();
  private final List<Far> measured = new ArrayList<>();
  private NearestNeighbours neighbours;

  /** Distances of that many images to that many of the reference. */
  EmbeddingDistances(long referenceImages, long images) {
    this.referenceShare = (double) MOST_REFERENCE / Math.max(1, referenceImages);
    this.share = (double) MOST_MEASURED / Math.max(1, images);
  }

  /**
   * The distances.
   *
   * @param among those of the reference's images to each other
   * @param to those of the measured images to the reference's
   * @param beyond the images beyond what all but {@link #FAR} of {@code among} are within
   * @param farthest the farthest first; not all
   */
  record Summary(Quantiles among, Quantiles to, Ratio beyond, List<Far> farthest) {}

  /** An image with its nearest one of the reference. */
  record Far(Answer answer, double distance, String nearest) {
    private static final Comparator<Far> ORDER =
        Comparator.comparingDouble((Far far) -> -far.distance)
            .thenComparing(far -> far.answer.path());
  }

  void addReference(Answer answer, float[] embedding) {
    if (reference.size() < MOST_REFERENCE && chosen(answer, referenceShare)) {
      referencePaths.add(answer.path());
      reference.add(embedding);
    }
  }

  void add(Answer answer, float[] embedding) {
    if (measured.size() + batch.size() < MOST_MEASURED && chosen(answer, share)) {
      answers.add(answer);
      batch.add(embedding);
      if (batch.size() == BATCH) {
        measure();
      }
    }
  }

  private static boolean chosen(Answer answer, double share) {
    String hash = Hashes.sha256(answer.path().getBytes(StandardCharsets.UTF_8));
    return Integer.parseInt(hash.substring(0, 7), 16) < share * (1 << 28);
  }

  private void measure() {
    if (neighbours == null) {
      neighbours = new NearestNeighbours(reference);
    }
    measured.addAll(
        IntStream.range(0, batch.size())
            .parallel()
            .mapToObj(
                i -> {
                  Neighbour nearest = neighbours.nearest(batch.get(i));
                  return new Far(
                      answers.get(i), nearest.distance(), referencePaths.get(nearest.index()));
                })
            .toList());
    answers.clear();
    batch.clear();
  }

  /** The distances; empty where the reference or the run has no embeddings. */
  Optional<Summary> summary() {
    if (reference.size() < 2 || measured.size() + batch.size() == 0) {
      return Optional.empty();
    }
    measure();
    Quantiles among = Quantiles.of(neighbours.apart());
    double limit = among.at(1 - FAR);
    Foremost<Far> farthest = new Foremost<>(MOST_FARTHEST, Far.ORDER);
    measured.forEach(farthest::add);
    return Optional.of(
        new Summary(
            among,
            Quantiles.of(measured.stream().mapToDouble(Far::distance).toArray()),
            new Ratio(
                measured.stream().filter(far -> far.distance() > limit).count(), measured.size()),
            farthest.list()));
  }
}
