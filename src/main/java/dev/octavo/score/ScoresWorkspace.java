package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.Differences;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.WholeFiles;
import dev.octavo.results.Scores;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A scores artifact that grows in rounds, and survives whatever ends the program in between.
 *
 * <p>A round is a directory of predictions that appears whole, by one rename. Until the first run
 * is through, rounds lie beside the artifact's place, in a hidden directory ({@code
 * .NAME.scoring}), which is then moved there as a whole. Later rounds (files that came since) are
 * collected in such a directory too and moved in one by one. So what is in a round is scored, and
 * nothing else is kept about progress: a program that is started again compares its inputs with the
 * rounds.
 */
final class ScoresWorkspace implements AutoCloseable {
  private static final String MARKER = "_run.json";
  private static final String MARKER_KIND = "unfinished scores";
  private static final String ROUND = Scores.ROUND + "=";

  private final Configuration conf;
  private final FileSystem fs;
  private final Destination destination;
  private final Path target;
  private final Path working;
  private final IfExists ifExists;

  private ScoresWorkspace(Configuration conf, Destination destination, IfExists ifExists) {
    this.conf = conf;
    this.fs = destination.fileSystem();
    this.destination = destination;
    this.target = destination.target();
    this.working = Paths.sibling(target, "." + target.getName() + ".scoring");
    this.ifExists = ifExists;
  }

  /**
   * Opens the place for a run: to go on with scores that the same run began, or to begin.
   *
   * @param inputs what is read meanwhile, and must not be overwritten
   * @param run what decides the predictions (parents and settings); a run that differs in them is
   *     another run
   * @throws OctavoException if something else is there, scores of another run, or another driver
   */
  static ScoresWorkspace open(
      Configuration conf, Path out, IfExists ifExists, List<Input> inputs, Manifest run)
      throws IOException {
    Destination destination = Destination.take(conf, out, Scores.KIND, inputs);
    try {
      ScoresWorkspace workspace = new ScoresWorkspace(conf, destination, ifExists);
      workspace.checkTarget(run);
      workspace.openWorking(run);
      return workspace;
    } catch (IOException | RuntimeException e) {
      destination.close();
      throw e;
    }
  }

  private void checkTarget(Manifest run) throws IOException {
    destination.check(IfExists.REPLACE);
    if (ifExists == IfExists.REPLACE) {
      destination.requireNothingForeign();
    }
    if (fs.exists(target) && !fs.exists(new Path(target, Manifest.FILE_NAME))) {
      // Empty, or it would have been refused.
      fs.delete(target, false);
    }
    if (updates()) {
      refuseDifferences(Artifacts.manifest(conf, target, Scores.KIND), run, target);
    }
  }

  /** Settings that change no prediction may differ. */
  private static void refuseDifferences(Manifest before, Manifest run, Path place) {
    List<String> differences = Differences.between(before.settings(), run.settings());
    if (differences.isEmpty() && !before.parents().equals(run.parents())) {
      differences.add(
          "the models or the dataset were made again (%s, now %s)"
              .formatted(before.parents(), run.parents()));
    }
    if (!differences.isEmpty()) {
      throw new OctavoException(
          "%s holds the scores of another run (%s): choose another --out, or pass --overwrite"
              .formatted(place, String.join("; ", differences)));
    }
  }

  private void openWorking(Manifest run) throws IOException {
    Path marker = new Path(working, MARKER);
    if (fs.exists(marker)) {
      Manifest before = Manifest.fromJson(read(marker), marker.toString());
      boolean same =
          before.settings().toString().equals(marked(run).settings().toString())
              && before.parents().equals(run.parents());
      if (!same && ifExists == IfExists.FAIL) {
        refuseDifferences(before, marked(run), working);
      }
      if (same) {
        deleteScratch();
        return;
      }
    }
    fs.delete(working, true);
    fs.mkdirs(predictions(working));
    put(working, MARKER, marked(run).toJson());
  }

  /**
   * With and without {@code --overwrite} are two runs: one replaces the artifact, one adds to it.
   */
  private Manifest marked(Manifest run) {
    Map<String, Object> settings = new TreeMap<>(run.settings());
    settings.put("overwrite", ifExists == IfExists.REPLACE);
    return Manifest.of(MARKER_KIND, run.parents(), settings, run.figures());
  }

  /** Deletes the unfinished output of a killed run. */
  private void deleteScratch() throws IOException {
    for (FileStatus file : fs.listStatus(working)) {
      if (file.getPath().getName().startsWith("_scratch-")) {
        fs.delete(file.getPath(), true);
      }
    }
  }

  FileSystem fileSystem() {
    return fs;
  }

  /** Returns whether new rounds are added to an artifact that stands there. */
  boolean updates() throws IOException {
    return ifExists == IfExists.FAIL && fs.exists(target);
  }

  /** The committed rounds, in order: those of the artifact, then those beside it. */
  List<Path> rounds() throws IOException {
    List<Path> rounds = new ArrayList<>(updates() ? roundsIn(target) : List.of());
    rounds.addAll(roundsIn(working));
    return rounds;
  }

  /** The rounds of the artifact that stands there. */
  List<Path> published() throws IOException {
    return roundsIn(target);
  }

  /** The directory of the artifact. */
  Path target() {
    return target;
  }

  /** The manifest of the artifact that rounds are added to. */
  Manifest manifest() throws IOException {
    return Artifacts.manifest(conf, target, Scores.KIND);
  }

  private List<Path> roundsIn(Path directory) throws IOException {
    try {
      return Arrays.stream(fs.listStatus(predictions(directory)))
          .map(FileStatus::getPath)
          .filter(path -> path.getName().startsWith(ROUND))
          .sorted(Comparator.comparingInt(ScoresWorkspace::number))
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private static Path predictions(Path directory) {
    return new Path(directory, Scores.PREDICTIONS);
  }

  /** The number in the name of a round. */
  static int number(Path round) {
    return Integer.parseInt(round.getName().substring(ROUND.length()));
  }

  /** The directory of one of the models in a round. */
  Path oneModelOf(Path round) throws IOException {
    return Arrays.stream(fs.listStatus(round))
        .filter(FileStatus::isDirectory)
        .map(FileStatus::getPath)
        .min(Comparator.naturalOrder())
        .orElseThrow(() -> new OctavoException("the round %s is empty".formatted(round)));
  }

  /** A directory for a round in the making; nobody reads it, and the next run removes it. */
  Path scratch() {
    return new Path(working, "_scratch-" + UUID.randomUUID());
  }

  /**
   * Makes a directory of predictions the next round.
   *
   * @return where it is now
   * @throws OctavoException if another program committed a round meanwhile
   */
  Path commit(Path round) throws IOException {
    int next = rounds().stream().mapToInt(ScoresWorkspace::number).max().orElse(-1) + 1;
    Path place = new Path(predictions(working), ROUND + next);
    destination.verify();
    destination.move(round, place);
    return place;
  }

  /**
   * Brings all rounds together; returns the directory that holds them and takes the other files.
   */
  Path gather() throws IOException {
    if (!updates()) {
      return working;
    }
    destination.verify();
    for (Path round : roundsIn(working)) {
      destination.move(round, new Path(predictions(target), round.getName()));
    }
    return target;
  }

  /** Puts a file into a gathered directory, in place of one that is there. */
  void put(Path directory, String name, String text) throws IOException {
    WholeFiles.write(conf, new Path(directory, name), text);
  }

  /** Ends the run: writes the manifest and moves what is new to its place. */
  Path publish(Manifest manifest) throws IOException {
    if (updates()) {
      put(target, Manifest.FILE_NAME, recorded(manifest, target));
      fs.delete(working, true);
      return target;
    }
    put(working, Manifest.FILE_NAME, recorded(manifest, working));
    deleteScratch();
    destination.fill(working);
    fs.delete(new Path(target, MARKER), false);
    return target;
  }

  private String recorded(Manifest manifest, Path directory) throws IOException {
    return manifest.withFiles(ArtifactFiles.recordTop(fs, directory)).toJson();
  }

  /** Leaves nothing behind where no round was committed; returns what is left, in words. */
  String abandon() throws IOException {
    long rounds = roundsIn(working).size();
    if (rounds == 0) {
      fs.delete(working, true);
      return "";
    }
    return "; what was scored so far is kept, and the same command goes on from there";
  }

  /** Gives the place back; removes the working directory of a run that had nothing to do. */
  @Override
  public void close() throws IOException {
    if (roundsIn(working).isEmpty()) {
      fs.delete(working, true);
    }
    destination.close();
  }

  String read(Path file) throws IOException {
    try (var in = fs.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  void write(Path file, String text) throws IOException {
    try (OutputStream out = fs.create(file, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
