package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.MissingPath;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.OnnxModel;
import dev.octavo.image.Normalization;
import dev.octavo.onnx.OnnxGraph;
import dev.octavo.onnx.OnnxInterface;
import dev.octavo.onnx.OnnxReader;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An ONNX file that takes images and gives a number for each class, on any Hadoop file system.
 *
 * @param path of the file
 * @param model what it says of itself
 * @param input what it takes
 */
public record OnnxFile(Path path, OnnxInterface model, OnnxInput input) {
  private static final int START_BYTES = 16;

  /**
   * Reads a file's description, not its weights.
   *
   * @throws OctavoException if it is no ONNX file, or none that classifies images
   */
  public static OnnxFile open(Configuration conf, Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    Path qualified = fs.makeQualified(path);
    if (!fs.exists(path)) {
      throw new OctavoException(
          "there is no file %s%s".formatted(path, MissingPath.hint(fs, path)));
    }
    try (InputStream in = fs.open(path)) {
      if (!OnnxReader.canRead(ByteBuffer.wrap(in.readNBytes(START_BYTES)))) {
        throw new OctavoException(
            "%s is no ONNX file: a model is the directory of a bundle, or an ONNX file (jobs/import makes a bundle of a weight file)"
                .formatted(path));
      }
    }
    try (LocalCopy copy = LocalCopy.of(conf, qualified)) {
      OnnxInterface model = OnnxReader.readInterface(copy.file());
      OnnxInput input = OnnxInput.of(model.graph());
      requireKnownOpset(model.graph());
      requireLogits(model.graph());
      return new OnnxFile(qualified, model, input);
    } catch (MalformedFileException | IllegalArgumentException e) {
      throw new OctavoException("%s can't be scored with: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static void requireKnownOpset(OnnxGraph graph) {
    if (graph.opset() > OnnxModel.LATEST_OPSET) {
      throw new IllegalArgumentException(
          "it is of opset %d, and this ONNX Runtime knows those up to %d: export it with opset_version=%d"
              .formatted(graph.opset(), OnnxModel.LATEST_OPSET, OnnxModel.LATEST_OPSET));
    }
  }

  private static void requireLogits(OnnxGraph graph) {
    if (graph.outputs().isEmpty()) {
      throw new IllegalArgumentException("it has no output");
    }
    OnnxGraph.Value logits = graph.outputs().get(0);
    if (logits.dtype().isEmpty() || logits.dtype().get() != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "its first output '%s' is %s, not FLOAT32: export it with logits, or probabilities, first"
              .formatted(logits.name(), logits));
    }
  }

  /** The numbers per image in the first output, where the model fixes them. */
  OptionalInt classes() {
    long[] shape = model.graph().outputs().get(0).shape();
    long classes = 1;
    for (int i = 1; i < shape.length; i++) {
      if (shape[i] == OnnxGraph.ANY) {
        return OptionalInt.empty();
      }
      classes *= shape[i];
    }
    return shape.length < 2 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(classes));
  }

  /** The files beside it that hold its weights. */
  private List<Path> dataFiles() {
    return model.dataFiles().stream()
        .sorted()
        .map(name -> new Path(path.getParent(), name))
        .toList();
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>(List.of(path));
    files.addAll(dataFiles());
    return files;
  }

  /**
   * The hash of its content.
   *
   * @throws OctavoException if a file with weights isn't there
   */
  String sha256(Configuration conf) throws IOException {
    StringBuilder hashes = new StringBuilder();
    for (Path file : files()) {
      hashes.append(ArtifactFiles.sha256(requireFile(conf, file), file));
    }
    return Hashes.sha256(hashes.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Its size, that of its weights included. */
  long bytes(Configuration conf) throws IOException {
    long bytes = 0;
    for (Path file : files()) {
      bytes += requireFile(conf, file).getFileStatus(file).getLen();
    }
    return bytes;
  }

  private FileSystem requireFile(Configuration conf, Path file) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    if (!fs.exists(file)) {
      throw new OctavoException(
          "%s keeps its weights in '%s', which is not beside it: put both into one folder"
              .formatted(path, file.getName()));
    }
    return fs;
  }

  /**
   * Loads it into ONNX Runtime. The program takes {@code uint8 [N, size, size, 3]} as those of
   * bundles do.
   *
   * @param classes numbers per image that it must give; empty if any number will do
   * @param normalization of pixels, for a model that takes floats
   * @param threads that one operator uses
   * @throws OctavoException if ONNX Runtime isn't there, or can't load it
   */
  public InferenceProgram load(
      Configuration conf, OptionalInt classes, Normalization normalization, int threads)
      throws IOException {
    try (LocalCopy copy = LocalCopy.of(conf, path, dataFiles())) {
      InferenceProgram loaded = OnnxModel.load(copy.file(), path.toString(), threads);
      return new OnnxProgram(this, loaded, classes, normalization);
    }
  }
}
