package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is saved comes back, and what is not the same is refused. */
class StateTest {
  @TempDir private java.nio.file.Path directory;
  private final List<String> console = new ArrayList<>();

  @Test
  void aWorkersStateComesBackToTheBit() throws IOException {
    WorkerState state = state(3);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    state.save(file);
    WorkerState other = state(4);
    other.restore(new ByteArrayInputStream(file.toByteArray()), "file");
    assertThat(other.floats()).usingRecursiveComparison().isEqualTo(state.floats());
    assertThat(other.counters()).usingRecursiveComparison().isEqualTo(state.counters());
    assertThat(other.buffers()).isEqualTo(state.buffers());
  }

  @Test
  void aDamagedStateIsRefused() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    state(3).save(file);
    byte[] bytes = file.toByteArray();
    bytes[bytes.length / 2] ^= 1;
    assertThatThrownBy(() -> state(4).restore(new ByteArrayInputStream(bytes), "worker-1.bin"))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "worker-1.bin is damaged: delete its checkpoint to continue from the one before");
  }

  @Test
  void aPositionComesBackWithItsHistory() {
    Position position = Position.START.stepped().ended(epoch(1, 0.5, 1)).stepped();
    assertThat(Position.fromJson(position.toJson(), "file")).isEqualTo(position);
    Position withoutVal = Position.START.ended(epoch(1, Double.NaN, Double.NaN));
    assertThat(Position.fromJson(withoutVal.toJson(), "file")).isEqualTo(withoutVal);
  }

  @Test
  void theBestEpochHasTheHighestAccuracyThenTheLowestLoss() {
    Position position =
        Position.START
            .ended(epoch(1, 0.5, 1.0))
            .ended(epoch(2, 0.7, 0.9))
            .ended(epoch(3, 0.7, 0.8))
            .ended(epoch(4, 0.7, 0.8));
    assertThat(position.best().epoch()).isEqualTo(3);
    double none = Double.NaN;
    assertThat(
            Position.START.ended(epoch(1, none, none)).ended(epoch(2, none, none)).best().epoch())
        .isEqualTo(2);
  }

  @Test
  void aRunGoesOnOnlyWithTheSameSettings() throws IOException {
    Path place = new Path(directory.resolve("run").toUri());
    open(place, RunSettings.Start.NEW, Map.of("epochs", 8, "seed", 1));
    Run again = open(place, RunSettings.Start.RESUME, Map.of("epochs", 8, "seed", 1));
    assertThat(console).containsExactly("continuing " + again.directory() + " from the start");
    assertThatThrownBy(
            () -> open(place, RunSettings.Start.RESUME, Map.of("epochs", 10, "ema", 0.5)))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            again.directory()
                + " can't be resumed, because ema was not set and is 0.5; epochs was 8 and is 10; seed was 1 and is not set: give what it was started with, or --restart to begin anew");
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

  private Run open(Path place, RunSettings.Start start, Map<String, ?> description)
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
    return Run.open(new Configuration(), place, settings, description, console::add);
  }

  private static Epoch epoch(int number, double top1, double loss) {
    Measures measures = new Measures(loss, top1, 1, top1);
    return new Epoch(number, number, 0.1, measures, measures, 1, 2, 3, 4);
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
        List.of(weights, new float[] {random.nextFloat(), 1}, new float[0]),
        buffers,
        List.of(new double[] {random.nextDouble(), 2}, new double[] {3}));
  }
}
