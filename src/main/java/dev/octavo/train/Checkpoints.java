package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.spark.collective.Ring;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The saved states of a run: directories {@code checkpoint-<updates>-<epoch>} with a file of each
 * worker and {@code train-state.json}. A directory is filled under another name and renamed when
 * all workers are done; the JSON is written last, so that it marks a whole checkpoint also where a
 * rename is not atomic.
 */
final class Checkpoints {
  private static final String PREFIX = "checkpoint-";
  private static final String UNFINISHED = ".unfinished-";
  private static final String DAMAGED = "damaged-";
  private static final String TRAIN_STATE = "train-state.json";

  private final FileSystem fs;
  private final Path directory;
  private final int keep;

  Checkpoints(FileSystem fs, Path directory, int keep) {
    this.fs = fs;
    this.directory = directory;
    this.keep = keep;
  }

  /** Saves the state of all workers; all call this at the same position. */
  void save(Ring ring, TrainState trainState, WorkerState own) throws IOException {
    Path unfinished =
        new Path(directory, UNFINISHED + trainState.updates() + "-" + trainState.epoch());
    try (OutputStream out = fs.create(workerFile(unfinished, ring.rank()), true)) {
      own.save(out);
    }
    ring.sum(); // all files are written
    if (ring.rank() == 0) {
      try (OutputStream out = fs.create(new Path(unfinished, TRAIN_STATE), true)) {
        out.write(
            CheckpointMark.of(ring.size(), trainState).toJson().getBytes(StandardCharsets.UTF_8));
      }
      Path target = directory(trainState.updates(), trainState.epoch());
      fs.delete(target, true); // one that was left without its JSON
      if (!fs.rename(unfinished, target)) {
        throw new IOException("could not move %s to %s".formatted(unfinished, target));
      }
      prune();
    }
  }

  /**
   * The position of the newest whole checkpoint whose mark is sound, the start if there is none.
   */
  TrainState latest() throws IOException {
    List<Path> all = whole();
    for (int i = all.size() - 1; i >= 0; i--) {
      try {
        return mark(all.get(i)).trainState();
      } catch (DamagedFileException e) {
        // the one before counts
      }
    }
    return TrainState.START;
  }

  /**
   * Reads the newest checkpoint from end to end and renames it if it is damaged, then the one
   * before, until one is sound.
   *
   * @param console gets a line for each that is damaged
   */
  void setAsideDamaged(Consumer<String> console) throws IOException {
    List<Path> all = whole();
    for (int i = all.size() - 1; i >= 0; i--) {
      Path checkpoint = all.get(i);
      try {
        verify(checkpoint);
        return;
      } catch (DamagedFileException e) {
        Path aside = new Path(directory, DAMAGED + checkpoint.getName());
        fs.delete(aside, true);
        if (!fs.rename(checkpoint, aside)) {
          throw new IOException("could not move %s to %s".formatted(checkpoint, aside));
        }
        console.accept(
            "%s: the checkpoint is set aside, and %s"
                .formatted(
                    e.getMessage(), i > 0 ? "the one before is taken" : "there is none before it"));
      }
    }
  }

  private void verify(Path checkpoint) throws IOException {
    int workers = mark(checkpoint).workers();
    for (int rank = 0; rank < workers; rank++) {
      ChecksummedFile.verify(fs, workerFile(checkpoint, rank));
    }
  }

  private CheckpointMark mark(Path checkpoint) throws IOException {
    Path file = new Path(checkpoint, TRAIN_STATE);
    try (InputStream in = fs.open(file)) {
      return CheckpointMark.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .orElseThrow(() -> new DamagedFileException(file, null));
    } catch (ChecksumException e) {
      throw new DamagedFileException(file, e);
    }
  }

  /**
   * Overwrites a worker's state with what was saved of its share at a position, which this returns
   * whole. Another number of workers may have saved it: each then reads all files.
   */
  TrainState restore(long updates, int epoch, Share share, WorkerState own) throws IOException {
    Path checkpoint = directory(updates, epoch);
    CheckpointMark mark = mark(checkpoint);
    if (mark.workers() == share.workers()) {
      read(workerFile(checkpoint, share.rank()), own);
    } else {
      for (int rank = 0; rank < mark.workers(); rank++) {
        Share saved = new Share(rank, mark.workers(), share.parameters());
        WorkerState state = own.ofLength(saved.slice().length());
        read(workerFile(checkpoint, rank), state);
        own.take(state, saved, share);
      }
    }
    return mark.trainState();
  }

  private void read(Path file, WorkerState own) throws IOException {
    try {
      ChecksummedFile.read(fs, file, own::restore);
    } catch (OctavoException | UTFDataFormatException e) {
      ChecksummedFile.verify(fs, file); // names that are damaged are not another training's
      throw e;
    }
  }

  private void prune() throws IOException {
    List<Path> all = whole();
    for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
      fs.delete(old, true);
    }
  }

  /** Whole checkpoints, oldest first. */
  private List<Path> whole() throws IOException {
    List<Path> paths = new ArrayList<>();
    if (fs.exists(directory)) {
      for (FileStatus status : fs.listStatus(directory)) {
        Path path = status.getPath();
        if (path.getName().startsWith(PREFIX) && fs.exists(new Path(path, TRAIN_STATE))) {
          paths.add(path);
        }
      }
    }
    paths.sort(Comparator.comparing(Path::getName));
    return paths;
  }

  /** Names sort by age: the end of an epoch is after its last update. */
  private Path directory(long updates, int epoch) {
    return new Path(directory, "%s%010d-%05d".formatted(PREFIX, updates, epoch));
  }

  private static Path workerFile(Path checkpoint, int rank) {
    return new Path(checkpoint, "worker-%05d.bin".formatted(rank));
  }
}
