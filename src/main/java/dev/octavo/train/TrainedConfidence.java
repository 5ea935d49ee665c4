package dev.octavo.train;

import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.ConfidenceCalibration;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Network;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Precision;
import dev.octavo.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.Consumer;

/**
 * The confidence of a network that was trained: a temperature fitted to its logits on val, which
 * the driver computes in float32, as {@code jobs/score} does, from images that executors decode.
 *
 * @param data with a val split
 * @param preprocessing of its images
 * @param console takes a line for each fit
 */
record TrainedConfidence(
    DatasetArtifact data, Network network, Preprocessing preprocessing, Consumer<String> console) {
  private static final int BATCH = ProgramLoader.TYPICAL_BATCH;

  /** Fits the temperature of the network with these weights. */
  Temperature temperature(StateDict trained) throws IOException {
    FoldedNetwork folded = FoldedNetwork.of(network, trained, preprocessing.normalization());
    InputShape shape = new InputShape(preprocessing.cropSize(), BATCH);
    java.nio.file.Path file =
        ProgramWriter.temporary(out -> FusedProgram.write(folded, shape, Precision.FP32, out));
    try (InferenceProgram program = LoadedProgram.load(file, LoadedProgram.Mode.INFERENCE);
        DatasetImages val = new DatasetImages(data, DatasetSchema.VAL, preprocessing, BATCH)) {
      ConfidenceCalibration fitted = ConfidenceCalibration.fit(program, val);
      console.accept(fitted.line());
      return fitted.temperature();
    } finally {
      Files.delete(file);
    }
  }
}
