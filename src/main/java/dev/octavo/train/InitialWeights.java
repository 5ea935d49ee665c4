package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.network.Network;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Where training starts. */
final class InitialWeights {
  private InitialWeights() {}

  /** A state dict from the user's weights, or fresh; tells what was taken from where. */
  static StateDict load(
      Configuration conf, TrainSettings settings, Network network, Consumer<String> console)
      throws IOException {
    long seed = settings.recipe().seed();
    Optional<Path> source = settings.weights();
    if (source.isEmpty()) {
      console.accept("%s starts from scratch".formatted(network.name()));
      return WeightImport.fresh(network, seed);
    }
    WeightImport.Result result =
        WeightImport.into(network, read(conf, source.get()), seed, settings.importPolicy());
    console.accept("%s starts from %s:".formatted(network.name(), source.get()));
    result.report().summary().forEach(line -> console.accept("  " + line));
    return result.state();
  }

  private static StateDict read(Configuration conf, Path source) throws IOException {
    FileSystem fs = source.getFileSystem(conf);
    if (!fs.exists(source)) {
      throw new OctavoException("the weights %s do not exist".formatted(source));
    }
    if (fs.getFileStatus(source).isDirectory()) {
      return ModelBundle.open(conf, source).stateDict(conf);
    }
    if (fs.getUri().getScheme().equals("file")) {
      return WeightFiles.read(java.nio.file.Path.of(fs.makeQualified(source).toUri().getPath()));
    }
    java.nio.file.Path directory = Files.createTempDirectory("octavo-weights-");
    java.nio.file.Path copy = directory.resolve(source.getName());
    try (InputStream in = fs.open(source)) {
      Files.copy(in, copy);
      return WeightFiles.read(copy);
    } finally {
      Files.deleteIfExists(copy);
      Files.delete(directory);
    }
  }
}
