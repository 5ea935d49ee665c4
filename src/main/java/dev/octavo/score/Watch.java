package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.results.InputSource;
import dev.octavo.score.InputListing.FileEntry;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Scores a folder that keeps filling. At each look, files that are as long as they were at the look
 * before are scored and published; others may still be written. A folder that was there and can't
 * be listed, as while a disk or a server is away, is looked for again.
 */
public final class Watch {
  private final Score score;
  private final Duration interval;
  private final CountDownLatch stop = new CountDownLatch(1);
  private Map<String, Long> before = new HashMap<>();
  private boolean found;
  private boolean away;

  /**
   * A watch on a folder.
   *
   * @param interval between two looks
   * @throws OctavoException.Usage if the source is no folder
   */
  public Watch(SparkSession spark, ScoreSettings settings, Duration interval) {
    if (!(settings.source() instanceof InputSource.Folder)) {
      throw new OctavoException.Usage("--watch goes with --images: only a folder keeps filling");
    }
    this.score = new Score(spark, settings);
    this.interval = interval;
  }

  /**
   * Looks and scores until {@link #stop}, or until the thread is interrupted.
   *
   * @param added takes the result of each look that found something
   * @param missed takes one line, once, saying that the folder can't be listed for now
   * @throws OctavoException if it can't be listed at the first look
   */
  public void run(Consumer<ScoreResult> added, Consumer<String> missed) throws IOException {
    do {
      score
          .executeIfAny(listing -> look(listing, missed))
          .filter(result -> result.added() > 0)
          .ifPresent(added);
    } while (!stopped());
  }

  /** Ends {@link #run} after the look that is under way. */
  public void stop() {
    stop.countDown();
  }

  private boolean stopped() {
    try {
      return stop.await(interval.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private Optional<InputListing> look(
      JobGroup.Work<InputListing, IOException> listing, Consumer<String> missed)
      throws IOException {
    InputListing listed;
    try {
      listed = listing.run();
    } catch (IOException | OctavoException e) {
      if (!found) {
        throw e;
      }
      if (!away) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        missed.accept(reason + "; looking again until it is there");
      }
      away = true;
      return Optional.empty();
    }
    found = true;
    away = false;
    return Optional.of(settled(listed));
  }

  private InputListing settled(InputListing listed) {
    InputListing.Files files = (InputListing.Files) listed;
    Map<String, Long> now = new HashMap<>();
    files.files().forEach(file -> now.put(file.path(), file.length()));
    List<FileEntry> same =
        files.files().stream()
            .filter(file -> Long.valueOf(file.length()).equals(before.get(file.path())))
            .toList();
    before = now;
    return new InputListing.Files(same, files.input(), files.skipped());
  }
}
