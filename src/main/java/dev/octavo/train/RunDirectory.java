package dev.octavo.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.OctavoException;
import dev.octavo.artifact.Differences;
import dev.octavo.artifact.WholeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The directory of a training run, as the driver sees it: what the run is ({@code run.json}), and
 * the files of its workers. It outlives the driver, and is deleted when the model is published.
 */
final class RunDirectory {
  private static final String DESCRIPTION = "run.json";
  private static final String WORKERS = "workers";
  private static final String GLOBAL_BATCH = "globalBatchSize";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FileSystem fs;
  private final Path directory;
  private final RunFiles files;

  private RunDirectory(FileSystem fs, Path directory, int checkpointsKept) {
    this.fs = fs;
    this.directory = directory;
    this.files = new RunFiles(fs, directory, checkpointsKept);
  }

  /**
   * Begins a run, or continues the one that is there.
   *
   * @param description all that decides what the run computes, by name
   * @throws OctavoException if another run is there, and what is asked for would lose or mix it
   */
  static RunDirectory open(
      Configuration conf,
      Path directory,
      RunSettings settings,
      Map<String, ?> description,
      Consumer<String> console)
      throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    RunDirectory run =
        new RunDirectory(fs, fs.makeQualified(directory), settings.checkpoints().keep());
    Path file = new Path(run.directory, DESCRIPTION);
    if (fs.exists(file)) {
      TrainState trainState = run.files.checkpoints().latest();
      switch (settings.start()) {
        case RESUME -> {
          run.refuseDifferences(file, strings(description), console);
          run.files.checkpoints().setAsideDamaged(console);
          trainState = run.files.checkpoints().latest();
          if (!trainState.history().isEmpty()) {
            run.files.verifyResult(trainState.best().epoch());
          }
          console.accept("continuing %s from %s".formatted(run.directory, trainState.words()));
          return run;
        }
        case NEW -> {
          if (trainState.updates() > 0) {
            throw new OctavoException(
                "%s holds a training that was stopped (at %s): --resume continues it, --restart discards it"
                    .formatted(run.directory, trainState.words()));
          }
        }
        case RESTART ->
            console.accept(
                "discarding %s, which was stopped at %s"
                    .formatted(run.directory, trainState.words()));
      }
      fs.delete(run.directory, true);
    } else if (fs.exists(run.directory) && fs.listStatus(run.directory).length > 0) {
      throw new OctavoException(
          "%s is no directory of a training (it has no %s): choose another --run-dir"
              .formatted(run.directory, DESCRIPTION));
    } else if (settings.start() == RunSettings.Start.RESUME) {
      console.accept(
          "nothing to resume in %s: starting from the beginning".formatted(run.directory));
    }
    WholeFiles.write(
        conf, file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(strings(description)));
    return run;
  }

  Path directory() {
    return directory;
  }

  RunFiles files() {
    return files;
  }

  /**
   * Removes a failed run if nothing was saved, else returns a hint for the user.
   *
   * @param resumable whether the same may not happen again
   */
  String abandon(boolean resumable) throws IOException {
    TrainState trainState = files.checkpoints().latest();
    if (trainState.updates() == 0) {
      delete();
      return "";
    }
    return (resumable
            ? "; all up to %s is kept in %s: --resume continues from there, --restart discards it"
            : "; all up to %s is kept in %s, and would end in the same way: change what helps, and"
                + " --restart discards it")
        .formatted(trainState.words(), directory);
  }

  /** The model is published. */
  void delete() throws IOException {
    fs.delete(directory, true);
  }

  /** A note that stays with the run, such as an identifier elsewhere; empty if there is none. */
  String note(String name) throws IOException {
    Path file = new Path(directory, name + ".txt");
    if (!fs.exists(file)) {
      return "";
    }
    try (InputStream in = fs.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  void writeNote(String name, String text) throws IOException {
    try (OutputStream out = fs.create(new Path(directory, name + ".txt"), true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * The images between two updates of the run that is there, which another number of workers keeps.
   *
   * @return 0 if there is no run
   */
  static int globalBatch(Configuration conf, Path directory) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    Path file = new Path(directory, DESCRIPTION);
    return fs.exists(file) ? Integer.parseInt(read(fs, file).getOrDefault(GLOBAL_BATCH, "0")) : 0;
  }

  private static Map<String, String> read(FileSystem fs, Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return JSON.readValue(in, new TypeReference<TreeMap<String, String>>() {});
    } catch (JsonProcessingException e) {
      throw new OctavoException("%s can't be read: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** Refuses what would compute something else; another number of workers is no such thing. */
  private void refuseDifferences(Path file, Map<String, String> now, Consumer<String> console)
      throws IOException {
    Map<String, String> then = read(fs, file);
    String workers = now.get(WORKERS);
    String before = then.put(WORKERS, workers);
    List<String> differences = Differences.between(then, now);
    if (!differences.isEmpty()) {
      throw new OctavoException(
          "%s can't be resumed, because %s: give what it was started with, or --restart to start over"
              .formatted(directory, String.join("; ", differences)));
    }
    if (workers != null && !workers.equals(before)) {
      console.accept(
          "workers: %s, where %s began; updates are of %s images as before"
              .formatted(workers, before, now.get(GLOBAL_BATCH)));
    }
  }

  private static Map<String, String> strings(Map<String, ?> description) {
    Map<String, String> strings = new TreeMap<>();
    description.forEach((key, value) -> strings.put(key, String.valueOf(value)));
    return strings;
  }
}
