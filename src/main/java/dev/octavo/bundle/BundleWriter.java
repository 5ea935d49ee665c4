package dev.octavo.bundle;

import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Network;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Writes model bundles. */
public final class BundleWriter {
  private static final String SERVING_FILE = "serving.properties";

  private BundleWriter() {}

  /**
   * The description of a new bundle.
   *
   * @param network its architecture
   * @param classes names in the order of the logits
   * @param preprocessing from images to what it takes
   * @param int8 the program's kind, of a quantized model only
   * @param temperature of its confidence; empty if that was not calibrated
   */
  public record Description(
      Network network,
      List<String> classes,
      Preprocessing preprocessing,
      Optional<BundleManifest.Int8> int8,
      Optional<Temperature> temperature) {
    /** Checks that there is a name for each logit. */
    public Description {
      classes = List.copyOf(classes);
      if (classes.size() != network.classes()) {
        throw new IllegalArgumentException(
            "%d class names for %d logits".formatted(classes.size(), network.classes()));
      }
    }

    /** The description of a float model. */
    public Description(Network network, List<String> classes, Preprocessing preprocessing) {
      this(network, classes, preprocessing, Optional.empty(), Optional.empty());
    }

    /** The description with a temperature that was fitted, or without one. */
    public Description with(Optional<Temperature> fitted) {
      return new Description(network, classes, preprocessing, int8, fitted);
    }

    /** The description as a manifest has it. */
    BundleManifest manifest() {
      return new BundleManifest(
          network.name(),
          int8.isPresent() ? BundleManifest.Filed.INT8 : BundleManifest.Filed.FP32,
          preprocessing,
          int8,
          temperature.map(Temperature::value));
    }
  }

  /**
   * The content that a bundle is written from.
   *
   * @param about what model it is
   * @param program writes {@code model.pt}
   * @param variant writes {@code model-7bit.pt}, if there is to be one
   * @param texts further files, by name
   * @param parents of the artifact, by role
   * @param settings what the user chose; the description is added
   * @param figures what came out; sizes are added
   */
  @RecordBuilder
  public record Content(
      Description about,
      ProgramWriter program,
      Optional<ProgramWriter> variant,
      Map<String, String> texts,
      Map<String, String> parents,
      Map<String, Object> settings,
      Map<String, Object> figures) {
    /** A bundle with one program. */
    public Content(
        Description about,
        ProgramWriter program,
        Map<String, String> parents,
        Map<String, Object> settings,
        Map<String, Object> figures) {
      this(about, program, Optional.empty(), Map.of(), parents, settings, figures);
    }
  }

  /**
   * Writes a bundle's files and publishes it.
   *
   * @return where it is
   */
  public static Path publish(Staging staging, Content content) throws IOException {
    return staging.publish(writeFiles(staging.fileSystem(), staging.directory(), content));
  }

  /** Writes a bundle into a directory that is itself part of an artifact in the making. */
  public static void write(FileSystem fs, Path directory, Content content) throws IOException {
    Manifest manifest = writeFiles(fs, directory, content);
    write(
        fs,
        new Path(directory, Manifest.FILE_NAME),
        manifest.withFiles(ArtifactFiles.record(fs, directory)).toJson());
  }

  /** Writes everything but the manifest, which it returns. */
  private static Manifest writeFiles(FileSystem fs, Path directory, Content content)
      throws IOException {
    Description about = content.about();
    Path model = new Path(directory, ModelBundle.MODEL_FILE);
    write(fs, model, content.program());
    if (content.variant().isPresent()) {
      write(fs, new Path(directory, ModelBundle.VARIANT_FILE), content.variant().get());
    }
    write(
        fs,
        new Path(directory, ModelBundle.CLASSES_FILE),
        String.join("\n", about.classes()) + "\n");
    write(fs, new Path(directory, SERVING_FILE), serving(about.preprocessing()));
    Map<String, Object> settings = new TreeMap<>(content.settings());
    settings.putAll(RecordEntries.of(about.manifest()));
    Map<String, Object> figures = new TreeMap<>(content.figures());
    figures.putAll(
        RecordEntries.of(
            new BundleFigures(about.classes().size(), fs.getFileStatus(model).getLen())));
    for (Map.Entry<String, String> text : content.texts().entrySet()) {
      write(fs, new Path(directory, text.getKey()), text.getValue());
    }
    Manifest manifest = Manifest.of(ModelBundle.KIND, content.parents(), settings, figures);
    write(fs, new Path(directory, ModelCard.FILE_NAME), new ModelCard(about, manifest).text());
    return manifest;
  }

  private static void write(FileSystem fs, Path file, ProgramWriter program) throws IOException {
    try (OutputStream out = new BufferedOutputStream(fs.create(file), 1 << 20)) {
      program.writeTo(out);
    }
  }

  private static void write(FileSystem fs, Path file, String text) throws IOException {
    try (OutputStream out = fs.create(file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** DJL's image classification feeds float32 NCHW in [0, 1], which the portable program takes. */
  private static String serving(Preprocessing preprocessing) {
    return """
    engine=PyTorch
    option.modelName=model
    translatorFactory=ai.djl.modality.cv.translator.ImageClassificationTranslatorFactory
    width=%1$d
    height=%1$d
    resizeShort=%2$d,-1,%4$s
    centerCrop=true
    toTensor=true
    applySoftmax=true
    synsetFileName=%3$s
    """
        .formatted(
            preprocessing.cropSize(),
            preprocessing.resizeSize(),
            ModelBundle.CLASSES_FILE,
            preprocessing.interpolation());
  }
}
