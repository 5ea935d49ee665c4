package dev.octavo.train;

import dev.octavo.engine.Engine;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.collective.Ring;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Iterator;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/** Sets a worker up in its barrier task, and cleans up after it. */
final class WorkerTask implements BarrierStage.Body<Sample, Outcome> {
  private static final long serialVersionUID = 1L;
  private static final String TIMEOUT = "spark.octavo.exchange.timeout";

  private final WorkPlan plan;
  private final EpochAccumulator epochs;

  WorkerTask(WorkPlan plan, EpochAccumulator epochs) {
    this.plan = plan;
    this.epochs = epochs;
  }

  @Override
  public Outcome run(BarrierTaskContext task, Iterator<Sample> samples) throws IOException {
    SparkConf conf = SparkEnv.get().conf();
    Duration timeout = Duration.ofSeconds(conf.getTimeAsSeconds(TIMEOUT, "300s"));
    java.nio.file.Path local = java.nio.file.Path.of(Utils.getLocalDir(conf));
    Recipe recipe = plan.recipe();
    Engine.start(plan.threads());
    try (ShardStore store = ShardStore.spill(samples, local);
        BatchLoader loader = new BatchLoader(store, recipe, plan.classes(), decoders());
        Replica replica = new Replica(loadProgram(local), plan.layout(), recipe.batchNorm());
        Ring ring = Ring.join(task, timeout)) {
      Outcome outcome = new Worker(plan, ring, replica, store, loader).train(epochs::add);
      if (outcome instanceof Outcome.Finished) {
        if (ring.rank() == 0) {
          writeWeights(replica);
        }
        task.barrier(); // nobody closes connections on which another still waits for an answer
      }
      return outcome;
    }
  }

  /** Decoding a picture takes a few per cent of the time that a step takes for it. */
  private int decoders() {
    return Math.max(1, plan.threads() / 4);
  }

  private LoadedProgram loadProgram(java.nio.file.Path local) throws IOException {
    Path source = new Path(plan.directory(), WorkPlan.PROGRAM);
    java.nio.file.Path copy = Files.createTempFile(local, "octavo-train-", ".pt");
    try {
      try (InputStream in = fileSystem().open(source);
          OutputStream out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      }
      return LoadedProgram.load(copy, LoadedProgram.Mode.TRAINING);
    } finally {
      Files.delete(copy);
    }
  }

  private void writeWeights(Replica replica) throws IOException {
    write(WorkPlan.PARAMETERS, replica.parameters());
    if (plan.recipe().batchNorm() != BatchNorm.FROZEN) {
      replica.readBuffers();
    }
    write(WorkPlan.BUFFERS, replica.buffers());
  }

  private void write(String name, ByteBuffer bytes) throws IOException {
    try (WritableByteChannel out =
        Channels.newChannel(fileSystem().create(new Path(plan.directory(), name)))) {
      out.write(bytes.duplicate());
    }
  }

  private FileSystem fileSystem() throws IOException {
    return new Path(plan.directory()).getFileSystem(plan.hadoop().value());
  }
}
