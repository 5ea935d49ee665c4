package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Manifest;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.program.Int8Operators;
import dev.octavo.program.Int8Weights;
import dev.octavo.program.Precision;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import dev.octavo.torchscript.TorchScriptReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A published model bundle.
 *
 * @param directory where it is
 * @param manifest what made it
 * @param about how to run it
 * @param network its architecture
 * @param classes names in the order of the logits
 * @param fileBytes size of {@code model.pt}
 */
public record ModelBundle(
    Path directory,
    Manifest manifest,
    BundleManifest about,
    Network network,
    List<String> classes,
    long fileBytes)
    implements ImageClassifier {

  /** The manifest's kind. */
  public static final String KIND = "model";

  /** The program's file name. */
  public static final String MODEL_FILE = "model.pt";

  /** The file name of an int8 program's variant for CPUs without VNNI. */
  public static final String VARIANT_FILE = "model-7bit.pt";

  /** The file name of the training curves. */
  public static final String HISTORY_FILE = "history.csv";

  static final String CLASSES_FILE = "synset.txt";

  /**
   * Reads a bundle's description, not its weights.
   *
   * @throws OctavoException if there is no whole bundle
   */
  public static ModelBundle open(Configuration conf, Path directory) throws IOException {
    FileSystem fs = directory.getFileSystem(conf);
    Path qualified = fs.makeQualified(directory);
    Manifest manifest = Artifacts.manifest(conf, qualified, KIND);
    ArtifactFiles.requireLengths(conf, qualified, manifest);
    BundleManifest about = BundleManifest.read(manifest, qualified);
    List<String> classes =
        ArtifactFiles.text(conf, qualified, manifest, CLASSES_FILE).lines().toList();
    return new ModelBundle(
        qualified,
        manifest,
        about,
        Architectures.of(about.network()).network(classes.size()),
        classes,
        ArtifactFiles.bytes(qualified, manifest, MODEL_FILE));
  }

  @Override
  public Path path() {
    return directory;
  }

  @Override
  public String id() {
    return manifest.id();
  }

  @Override
  public String networkName() {
    return network.name();
  }

  /** The way from images to what the network takes. */
  @Override
  public Preprocessing preprocessing() {
    return about.preprocessing();
  }

  @Override
  public Temperature temperature() {
    return about.confidenceTemperature().map(Temperature::new).orElse(Temperature.ONE);
  }

  /** Height and width of what the network takes. */
  public int imageSize() {
    return preprocessing().cropSize();
  }

  /** Returns whether it holds the int8 program rather than the portable one. */
  public boolean quantized() {
    return about.int8().isPresent();
  }

  /**
   * The weights of a float model under torchvision's names.
   *
   * @throws OctavoException if the bundle is quantized
   */
  public StateDict stateDict(Configuration conf) throws IOException {
    if (quantized()) {
      throw new OctavoException(
          "%s is quantized: give the float model that it was made from".formatted(directory));
    }
    String file = new Path(directory, MODEL_FILE).toString();
    java.nio.file.Path local = download(conf, MODEL_FILE);
    try {
      StateDict state = TorchScriptReader.read(local, file);
      requireStateOf(network, state, file);
      return state;
    } finally {
      Files.delete(local);
    }
  }

  private static void requireStateOf(Network network, StateDict state, String file) {
    network
        .stateShapes()
        .forEach(
            (name, shape) -> {
              Tensor tensor = state.tensors().get(name);
              DType type =
                  network.bufferShapes().containsKey(name) && shape.length == 0
                      ? DType.INT64
                      : DType.FLOAT32;
              if (tensor == null
                  || tensor.dtype() != type
                  || !Arrays.equals(tensor.shape(), shape)) {
                throw new OctavoException(
                    "%s is no %s of %d classes: its %s is %s, not %s%s; copy the bundle again"
                        .formatted(
                            file,
                            network.name(),
                            network.classes(),
                            name,
                            tensor == null ? "absent" : tensor,
                            type,
                            Arrays.toString(shape)));
              }
              TensorCheck.fault(name, tensor, TensorCheck.InfiniteVariance.ALLOWED)
                  .ifPresent(
                      fault -> {
                        throw new OctavoException(
                            "%s can't be used: %s; copy the bundle again, or train it again"
                                .formatted(file, fault));
                      });
            });
  }

  /**
   * The precision that this bundle runs in when {@code wanted} is asked for: int8 bundles know only
   * their own.
   */
  public Precision precision(Precision wanted) {
    return quantized() ? Precision.INT8 : wanted;
  }

  /** Returns whether a CPU would have to run the 7-bit variant of this bundle. */
  public boolean needsVariantOn(CpuFeatures cpu) {
    return about.int8().map(int8 -> int8.target().isFullRange()).orElse(false)
        && !cpu.sumsBytesExactly();
  }

  /**
   * The integers and scales of a quantized model.
   *
   * @throws OctavoException if the bundle is a float model
   */
  public QuantizedNetwork quantizedNetwork(Configuration conf) throws IOException {
    if (!quantized()) {
      throw new OctavoException(
          "%s is a float model: run quantize on it to get int8".formatted(directory));
    }
    return quantizedNetwork(conf, MODEL_FILE);
  }

  QuantizedNetwork quantizedNetwork(Configuration conf, String name) throws IOException {
    String file = new Path(directory, name).toString();
    java.nio.file.Path local = download(conf, name);
    try {
      return Int8Weights.read(
          network,
          operators(),
          preprocessing().normalization(),
          TorchScriptReader.readPacked(local, file));
    } catch (IllegalArgumentException e) {
      throw new OctavoException(
          "%s is not what quantize writes for %s: %s; copy the bundle again, or run quantize again"
              .formatted(file, network.name(), e.getMessage()),
          e);
    } finally {
      Files.delete(local);
    }
  }

  Int8Operators operators() {
    return about.int8().orElseThrow().target().operators();
  }

  private java.nio.file.Path download(Configuration conf, String name) throws IOException {
    return ProgramWriter.temporary(out -> ArtifactFiles.copy(conf, directory, manifest, name, out));
  }
}
