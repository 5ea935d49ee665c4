package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is saved comes back, and what is not the same is refused. */
class StateTest {
  private static final Share FIRST_OF_TWO = new Share(0, 2, 80_000);

  @TempDir private java.nio.file.Path directory;
  private final List<String> console = new ArrayList<>();

  @Test
  void aWorkersStateComesBackToTheBit() throws IOException {
    WorkerState state = state(3);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    state.save(file);
    WorkerState other = state(4);
    other.restore(new ByteArrayInputStream(file.toByteArray()));
    assertThat(other.floats()).usingRecursiveComparison().isEqualTo(state.floats());
    assertThat(other.counters()).usingRecursiveComparison().isEqualTo(state.counters());
    assertThat(other.buffers()).isEqualTo(state.buffers());
  }

  /** Seven weights of three workers, then of two: slices, means of statistics, sums of counters. */
  @Test
  void anotherNumberOfWorkersTakesOverAllThatWasSaved() throws IOException {
    Path run = new Path(directory.toUri());
    FileSystem fs = run.getFileSystem(new Configuration());
    Path place = new Path(run, "checkpoint-0000000001-00001");
    for (int rank = 0; rank < 3; rank++) {
      WorkerState saved = share(new Share(rank, 3, 7));
      for (int i = 0; i < saved.floats().get("weights").length; i++) {
        saved.floats().get("weights")[i] = new Share(rank, 3, 7).slice().from() + i;
        saved.floats().get("exp_avg")[i] = -saved.floats().get("weights")[i];
      }
      saved.buffers().asFloatBuffer().put(0.1f).put(rank).put(Float.POSITIVE_INFINITY);
      saved.counters().get("metrics")[0] = 10 + rank;
      try (OutputStream out = fs.create(new Path(place, "worker-%05d.bin".formatted(rank)))) {
        saved.save(out);
      }
    }
    TrainState trainState = TrainState.START.stepped();
    try (OutputStream out = fs.create(new Path(place, "train-state.json"))) {
      out.write(CheckpointMark.of(3, trainState).toJson().getBytes(StandardCharsets.UTF_8));
    }
    Checkpoints checkpoints = new Checkpoints(fs, run, 2);
    WorkerState first = share(new Share(0, 2, 7));
    WorkerState second = share(new Share(1, 2, 7));
    assertThat(checkpoints.restore(1, 1, new Share(0, 2, 7), first)).isEqualTo(trainState);
    checkpoints.restore(1, 1, new Share(1, 2, 7), second);
    assertThat(first.floats().get("weights")).containsExactly(0, 1, 2);
    assertThat(second.floats().get("weights")).containsExactly(3, 4, 5, 6);
    assertThat(second.floats().get("exp_avg")).containsExactly(-3, -4, -5, -6);
    float[] statistics = new float[3];
    second.buffers().asFloatBuffer().get(statistics);
    assertThat(statistics).containsExactly(0.1f, 1, Float.POSITIVE_INFINITY);
    assertThat(first.counters().get("metrics")).containsExactly(33);
    assertThat(second.counters().get("metrics")).containsExactly(0);
  }

  private static WorkerState share(Share share) {
    int length = share.slice().length();
    return new WorkerState(
        vectors("weights", new float[length], "exp_avg", new float[length]),
        ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()),
        Map.of("metrics", new double[] {99}));
  }

  /** Adam's two moments are of equal length: only their names tell them apart. */
  @Test
  void vectorsOfOtherNamesAreRefused() throws IOException {
    Path run = new Path(directory.toUri());
    FileSystem fs = run.getFileSystem(new Configuration());
    TrainState trainState = TrainState.START.stepped();
    checkpoint(fs, trainState);
    ByteBuffer buffers = state(0).buffers();
    Map<String, double[]> counters = state(0).counters();
    float[] average = {1, 2};
    WorkerState swapped =
        new WorkerState(
            vectors("exp_avg", new float[40_000], "weights", average), buffers, counters);
    Checkpoints checkpoints = new Checkpoints(fs, run, 2);
    assertThatThrownBy(() -> checkpoints.restore(1, 1, FIRST_OF_TWO, swapped))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the checkpoint holds weights, exp_avg, buffers, metrics, but this training needs"
                + " exp_avg, weights, buffers, metrics: --restart discards it");
    assertThat(average).containsExactly(1, 2);
    assertThat(checkpoints.restore(1, 1, FIRST_OF_TWO, state(5))).isEqualTo(trainState);
  }

  /** The names are at the start of the file. */
  @Test
  void damagedNamesAreDamage() throws IOException {
    Path run = new Path(directory.toUri());
    FileSystem fs = run.getFileSystem(new Configuration());
    checkpoint(fs, TrainState.START.stepped());
    java.nio.file.Path file = directory.resolve("checkpoint-0000000001-00001/worker-00000.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[4] ^= 1;
    Files.deleteIfExists(file.resolveSibling(".worker-00000.bin.crc"));
    Files.write(file, bytes);
    Checkpoints checkpoints = new Checkpoints(fs, run, 2);
    assertThatThrownBy(() -> checkpoints.restore(1, 1, FIRST_OF_TWO, state(5)))
        .isInstanceOf(DamagedFileException.class);
  }

  @Test
  void aDamagedStateIsRefused() throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    state(3).save(content);
    byte[] bytes = content.toByteArray();
    bytes[bytes.length / 2] ^= 1;
    java.nio.file.Path file = Files.write(directory.resolve("worker-1.bin"), bytes);
    Path path = new Path(file.toUri());
    FileSystem fs = path.getFileSystem(new Configuration());
    assertThatThrownBy(() -> ChecksummedFile.read(fs, path, state(4)::restore))
        .isInstanceOf(DamagedFileException.class)
        .hasMessage(path + " is damaged");
  }

  /** Each kind of file, and the ways in which it may be damaged. */
  @ParameterizedTest
  @CsvSource({
    "worker-00000.bin, FLIPPED", "worker-00001.bin, FLIPPED", "worker-00001.bin, CUT",
    "worker-00001.bin, EMPTY", "worker-00001.bin, ABSENT", "train-state.json, FLIPPED",
    "train-state.json, CUT", "train-state.json, EMPTY"
  })
  void ofADamagedCheckpointTheOneBeforeIsTaken(String name, Damage damage) throws IOException {
    Path run = new Path(directory.toUri());
    FileSystem fs = run.getFileSystem(new Configuration());
    TrainState before = TrainState.START.stepped();
    checkpoint(fs, before);
    checkpoint(fs, before.stepped());
    java.nio.file.Path newest = directory.resolve("checkpoint-0000000002-00001");
    damage.inflict(newest.resolve(name));

    Checkpoints checkpoints = new Checkpoints(fs, run, 2);
    checkpoints.setAsideDamaged(console::add);
    assertThat(console)
        .containsExactly(
            new Path(new Path(newest.toUri()), name)
                + " is damaged: the checkpoint is set aside, and the one before is taken");
    assertThat(checkpoints.latest()).isEqualTo(before);
    assertThat(directory.resolve("damaged-checkpoint-0000000002-00001")).exists();
    checkpoints.setAsideDamaged(console::add);
    assertThat(console).hasSize(1);
  }

  @Test
  void withoutASoundCheckpointTrainingStartsFromTheStart() throws IOException {
    Path run = new Path(directory.toUri());
    FileSystem fs = run.getFileSystem(new Configuration());
    checkpoint(fs, TrainState.START.stepped());
    java.nio.file.Path only = directory.resolve("checkpoint-0000000001-00001");
    Damage.CUT.inflict(only.resolve("worker-00000.bin"));
    Checkpoints checkpoints = new Checkpoints(fs, run, 2);
    checkpoints.setAsideDamaged(console::add);
    assertThat(console.get(0)).endsWith("is set aside, and there is none before it");
    assertThat(checkpoints.latest()).isEqualTo(TrainState.START);
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void damagedWeightsOfAnEpochAreRefused(Damage damage) throws IOException {
    Path run = new Path(directory.toUri());
    RunFiles files = new RunFiles(run.getFileSystem(new Configuration()), run, 2);
    ByteBuffer values = ByteBuffer.allocateDirect(400).order(ByteOrder.nativeOrder());
    values.asFloatBuffer().put(7, 0.5f);
    files.saveResult(1, 1, values, values);
    assertThat(files.parameters(1, 100)[7]).isEqualTo(0.5f);
    files.verifyResult(1);
    damage.inflict(directory.resolve("parameters-1.f32"));
    assertThatThrownBy(() -> files.parameters(1, 100))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            new Path(run, "parameters-1.f32")
                + " is damaged, which held the weights of an epoch: --restart trains from the beginning");
  }

  /** What happens to files. */
  enum Damage {
    FLIPPED,
    CUT,
    EMPTY,
    ABSENT;

    /** Hadoop's own checksum is lost, as after a copy. */
    void inflict(java.nio.file.Path file) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      Files.delete(file);
      switch (this) {
        case FLIPPED -> {
          bytes[bytes.length / 2] ^= 1;
          Files.write(file, bytes);
        }
        case CUT -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        case EMPTY -> Files.write(file, new byte[0]);
        case ABSENT -> {}
      }
    }
  }

  /** As two workers write it. */
  private void checkpoint(FileSystem fs, TrainState trainState) throws IOException {
    Path place =
        new Path(
            new Path(directory.toUri()),
            "checkpoint-%010d-%05d".formatted(trainState.updates(), trainState.epoch()));
    for (int rank = 0; rank < 2; rank++) {
      try (OutputStream out = fs.create(new Path(place, "worker-%05d.bin".formatted(rank)))) {
        state(rank).save(out);
      }
    }
    try (OutputStream out = fs.create(new Path(place, "train-state.json"))) {
      out.write(CheckpointMark.of(2, trainState).toJson().getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aPositionComesBackWithItsHistory() {
    TrainState trainState = TrainState.START.stepped().ended(epoch(1, 0.5, 1)).stepped();
    CheckpointMark mark = CheckpointMark.of(2, trainState);
    assertThat(CheckpointMark.fromJson(mark.toJson())).hasValue(mark);
    CheckpointMark withoutVal =
        CheckpointMark.of(1, TrainState.START.ended(epoch(1, Double.NaN, Double.NaN)));
    assertThat(CheckpointMark.fromJson(withoutVal.toJson())).hasValue(withoutVal);
    assertThat(CheckpointMark.fromJson(mark.toJson().replace("\"updates\" : 2", "\"updates\" : 3")))
        .isEmpty();
  }

  @Test
  void theBestEpochHasTheHighestAccuracyThenTheLowestLoss() {
    TrainState trainState =
        TrainState.START
            .ended(epoch(1, 0.5, 1.0))
            .ended(epoch(2, 0.7, 0.9))
            .ended(epoch(3, 0.7, 0.8))
            .ended(epoch(4, 0.7, 0.8));
    assertThat(trainState.best().epoch()).isEqualTo(3);
    double none = Double.NaN;
    assertThat(
            TrainState.START.ended(epoch(1, none, none)).ended(epoch(2, none, none)).best().epoch())
        .isEqualTo(2);
  }

  @Test
  void aRunGoesOnOnlyWithTheSameSettings() throws IOException {
    Path place = new Path(directory.resolve("run").toUri());
    open(place, RunSettings.Start.NEW, Map.of("epochs", 8, "seed", 1));
    RunDirectory again = open(place, RunSettings.Start.RESUME, Map.of("epochs", 8, "seed", 1));
    assertThat(console).containsExactly("continuing " + again.directory() + " from the start");
    assertThatThrownBy(
            () -> open(place, RunSettings.Start.RESUME, Map.of("epochs", 10, "ema", 0.5)))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            again.directory()
                + " can't be resumed, because ema was not set and is 0.5; epochs was 8 and is 10;"
                + " seed was 1 and is not set: give what it was started with, or --restart to start"
                + " over");
  }

  @Test
  void aRunIsNeverPutIntoADirectoryOfSomethingElse() throws IOException {
    Files.writeString(directory.resolve("thesis.txt"), "text");
    assertThatThrownBy(() -> open(new Path(directory.toUri()), RunSettings.Start.RESTART, Map.of()))
        .isInstanceOf(OctavoException.class)
        .hasMessageEndingWith(
            "is no directory of a training (it has no run.json): choose another --run-dir");
    assertThat(directory.resolve("thesis.txt")).exists();
  }

  private RunDirectory open(Path place, RunSettings.Start start, Map<String, ?> description)
      throws IOException {
    RunSettings defaults = RunSettings.DEFAULT;
    RunSettings settings =
        new RunSettings(
            defaults.directory(),
            start,
            defaults.checkpoints(),
            defaults.tensorboard(),
            defaults.mlflow(),
            defaults.experiment());
    return RunDirectory.open(new Configuration(), place, settings, description, console::add);
  }

  private static Epoch epoch(int number, double top1, double loss) {
    EvalMetrics measures = new EvalMetrics(loss, top1, 1, top1);
    return EpochBuilder.builder()
        .epoch(number)
        .step(number)
        .learningRate(0.1)
        .train(measures)
        .val(measures)
        .imagesPerSecond(1)
        .computeMillis(2)
        .communicationMillis(3)
        .waitMillis(4)
        .build();
  }

  private static Map<String, float[]> vectors(
      String first, float[] firstValues, String second, float[] secondValues) {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    vectors.put(first, firstValues);
    vectors.put(second, secondValues);
    return vectors;
  }

  private static WorkerState state(long seed) {
    Random random = new Random(seed);
    float[] weights = new float[40_000];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextFloat();
    }
    ByteBuffer buffers = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
    buffers.asFloatBuffer().put(3, random.nextFloat());
    return new WorkerState(
        vectors("weights", weights, "exp_avg", new float[] {random.nextFloat(), 1}),
        buffers,
        Map.of("metrics", new double[] {random.nextDouble(), 2}));
  }
}
