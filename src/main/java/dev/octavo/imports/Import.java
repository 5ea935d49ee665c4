package dev.octavo.imports;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.InputFiles;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.ClassList;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.bundle.WeightSource;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.network.Network;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The stage that makes a model bundle of a fine-tuned network's weights. It needs no Spark session.
 * A bundle says nothing of where each weight came from, so nothing is made up: what the file lacks
 * is an error.
 */
public final class Import {
  /** Nothing is drawn at random where nothing starts fresh. */
  private static final long NO_SEED = 0;

  private final Configuration conf;
  private final ImportSettings settings;

  /** A run; {@code conf} says how paths are reached. */
  public Import(Configuration conf, ImportSettings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * Reads the weights and publishes the bundle.
   *
   * @throws OctavoException if the file can't be read, isn't of that network, or lacks a tensor
   */
  public ImportResult execute() throws IOException {
    requireFile();
    try (Staging staging =
        Staging.open(
            conf, settings.out(), ModelBundle.KIND, settings.ifExists(), settings.inputs())) {
      List<String> classes = classes();
      Network network = settings.network().network(classes.size());
      WeightImport.Result imported =
          WeightImport.into(
              network,
              WeightSource.read(conf, settings.weights()),
              NO_SEED,
              WeightImport.Policy.REQUIRE_ALL);
      Path model =
          BundleWriter.publish(
              staging,
              new BundleWriter.Content(
                  new BundleWriter.Description(network, classes, settings.preprocessing()),
                  ProgramWriter.portable(
                      network, imported.state(), settings.preprocessing().normalization()),
                  parents(),
                  source(),
                  Map.of("tensors", imported.report().matched().size())));
      return new ImportResult(model, network, imported.report());
    }
  }

  private Map<String, Object> source() throws IOException {
    FileSystem fs = settings.weights().getFileSystem(conf);
    return Map.of(
        "importedFrom", settings.weights().toString(),
        "importedSha256", ArtifactFiles.sha256(fs, settings.weights()));
  }

  private void requireFile() throws IOException {
    FileSystem fs = settings.weights().getFileSystem(conf);
    if (fs.exists(settings.weights()) && fs.getFileStatus(settings.weights()).isDirectory()) {
      throw new OctavoException.Usage(
          "%s is a directory: name the weight file in it".formatted(settings.weights()));
    }
    if (InputFiles.isSpecial(fs, settings.weights())) {
      throw new OctavoException.Usage(
          "%s is a pipe, which can't be read out of order: write the weights to a file"
              .formatted(settings.weights()));
    }
  }

  private List<String> classes() throws IOException {
    return settings.classes() instanceof ImportSettings.Classes.Listed listed
        ? ClassList.read(conf, listed.list())
        : DatasetArtifact.classes(
            conf, ((ImportSettings.Classes.OfDataset) settings.classes()).dataset());
  }

  private Map<String, String> parents() throws IOException {
    return settings.classes() instanceof ImportSettings.Classes.OfDataset data
        ? Map.of(
            ParentRole.CLASSES, Artifacts.manifest(conf, data.dataset(), DatasetArtifact.KIND).id())
        : Map.of();
  }
}
