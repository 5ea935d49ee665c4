package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.BundleWriterContentBuilder;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.bundle.TrainingFigures;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.TensorCheck;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The model bundles that a finished run becomes: that of its best epoch, and within it, in {@code
 * last/}, that of its last epoch if that is another.
 *
 * @param confidence fits the temperature of each; empty where none is asked for
 */
record BundlePublisher(
    TrainingJob job,
    Map<String, Object> settings,
    TrainState end,
    Optional<TrainedConfidence> confidence) {
  private static final String LAST = "last";

  /**
   * Writes and publishes the bundles.
   *
   * @param batches that moved the running statistics in each epoch
   */
  Path write(Staging staging, RunFiles files, int batches) throws IOException {
    Epoch best = end.best();
    Epoch last = end.history().get(end.history().size() - 1);
    FileSystem fs = staging.fileSystem();
    if (best.epoch() != last.epoch()) {
      Path directory = new Path(staging.directory(), LAST);
      BundleWriter.write(fs, directory, content(files, last, batches));
      writeHistory(fs, directory);
    }
    writeHistory(fs, staging.directory());
    return BundleWriter.publish(staging, content(files, best, batches));
  }

  private BundleWriter.Content content(RunFiles files, Epoch epoch, int batches)
      throws IOException {
    boolean moved = job.recipe().batchNorm() != BatchNorm.FROZEN;
    StateDict trained =
        job.layout()
            .toStateDict(
                job.initial().state(),
                files.parameters(epoch.epoch(), job.layout().parameterCount()),
                files.buffers(epoch.epoch(), job.layout().bufferCount()),
                job.initial().batchesTracked() + (moved ? (long) batches * epoch.epoch() : 0));
    requireFinite(trained, epoch);
    Optional<Temperature> temperature =
        confidence.isEmpty()
            ? Optional.empty()
            : Optional.of(confidence.get().temperature(trained));
    return BundleWriterContentBuilder.builder()
        .about(
            new BundleWriter.Description(
                    job.network(), job.data().artifact().classes(), job.recipe().preprocessing())
                .with(temperature))
        .program(
            ProgramWriter.portable(
                job.network(), trained, job.recipe().preprocessing().normalization()))
        .variant(Optional.empty())
        .texts(job.simulation().map(Simulation::texts).orElse(Map.of()))
        .parents(Map.of(ParentRole.DATA, job.data().artifact().manifest().id()))
        .settings(settings)
        .figures(RecordEntries.of(figures(epoch)))
        .build();
  }

  /** Frozen tensors are as they were imported, infinite variances included. */
  private void requireFinite(StateDict trained, Epoch epoch) {
    trained
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!tensor.equals(job.initial().state().tensor(name))) {
                TensorCheck.fault(name, tensor, TensorCheck.InfiniteVariance.FAULT)
                    .ifPresent(
                        fault -> {
                          throw new OctavoException(
                              "the weights of epoch %d can't be published: %s"
                                  .formatted(epoch.epoch(), fault));
                        });
              }
            });
  }

  private void writeHistory(FileSystem fs, Path directory) throws IOException {
    try (OutputStream csv = fs.create(new Path(directory, ModelBundle.HISTORY_FILE))) {
      csv.write(Epoch.csv(end.history()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private TrainingFigures figures(Epoch epoch) {
    EvalMetrics val = epoch.val();
    return new TrainingFigures(
        epoch.epoch(),
        job.data().train().size(),
        job.data().val().size(),
        epoch.train().loss(),
        epoch.train().top1(),
        job.data().val().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new TrainingFigures.OnVal(val.loss(), val.top1(), val.top5(), val.meanPerClass())));
  }
}
