package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.train.data.BatchLoader;
import dev.octavo.train.data.BatchSource;
import dev.octavo.train.data.FeatureLoader;
import dev.octavo.train.data.Sample;
import dev.octavo.train.data.ShardStore;
import dev.octavo.train.data.Targets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;

/** The resources of one worker: its images, its replica of the network, its files. */
final class WorkerResources implements AutoCloseable {
  private final WorkPlan plan;
  private final Path local;
  private final FileSystem fs;
  private final RunFiles files;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private ShardStore store;
  private Replica replica;
  private BatchSource source;

  /**
   * An empty one.
   *
   * @param local directory for temporary files
   */
  WorkerResources(WorkPlan plan, Path local) throws IOException {
    this.plan = plan;
    this.local = local;
    org.apache.hadoop.fs.Path directory = new org.apache.hadoop.fs.Path(plan.directory());
    this.fs = directory.getFileSystem(plan.hadoop().value());
    this.files = new RunFiles(fs, directory, plan.checkpoints().keep());
  }

  /**
   * Gets everything ready.
   *
   * @return why the worker can't work, in words for the user; empty if it can
   */
  String open(Iterator<Sample> samples) throws IOException {
    Recipe recipe = plan.recipe();
    Engine.start(plan.threads());
    try {
      store = own(ShardStore.spill(samples, local));
      replica =
          own(
              new Replica(
                  loadProgram(), plan.layout(), plan.batchNorm(), plan.seeded(), loadTeachers()));
      Targets targets =
          new Targets(plan.classWeights(), recipe.loss().labelSmoothing(), plan.unlabelled());
      BatchLoader images = own(new BatchLoader(store, plan, targets, decoders()));
      source =
          recipe.scope() == Recipe.Scope.CLASSIFIER
              ? own(FeatureLoader.compute(store, images, replica, plan, targets, local))
              : images;
      return "";
    } catch (OctavoException e) {
      return e.getMessage();
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Decoding an image takes a few per cent of the time that a step takes for it. */
  private int decoders() {
    return Math.max(1, plan.threads() / 4);
  }

  private List<InferenceProgram> loadTeachers() throws IOException {
    List<InferenceProgram> programs = new ArrayList<>();
    for (Teacher teacher : plan.teachers()) {
      programs.add(own(teacher.load(plan.hadoop().value(), plan.batching().batchSize())));
    }
    return programs;
  }

  private LoadedProgram loadProgram() throws IOException {
    Path copy = Files.createTempFile(local, "octavo-train-", ".pt");
    try {
      try (InputStream in = fs.open(files.program());
          OutputStream out = Files.newOutputStream(copy)) {
        in.transferTo(out);
      }
      return LoadedProgram.load(copy, LoadedProgram.Mode.TRAINING);
    } finally {
      Files.delete(copy);
    }
  }

  ShardStore store() {
    return store;
  }

  Replica replica() {
    return replica;
  }

  BatchSource source() {
    return source;
  }

  RunFiles files() {
    return files;
  }

  @Override
  public void close() throws IOException {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (Exception e) {
        throw new IOException("could not clean up after training", e);
      }
    }
  }
}
