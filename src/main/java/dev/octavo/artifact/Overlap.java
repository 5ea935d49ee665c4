package dev.octavo.artifact;

import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.Destination.Inside;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** An output that is, contains or lies within what is read to make it. */
final class Overlap {
  private Overlap() {}

  /** The first overlap, as a line for the user. */
  static Optional<String> find(Configuration conf, String option, Path target, List<Input> inputs)
      throws IOException {
    for (Input input : inputs) {
      Optional<String> found = find(conf, option, target, input);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> find(Configuration conf, String option, Path target, Input input)
      throws IOException {
    Path path = Paths.qualified(input.path().getFileSystem(conf), input.path());
    boolean sameSystem =
        Objects.equals(path.toUri().getScheme(), target.toUri().getScheme())
            && Objects.equals(path.toUri().getAuthority(), target.toUri().getAuthority());
    if (!sameSystem) {
      return Optional.empty();
    }
    String out = real(target) + "/";
    String in = real(path) + "/";
    if (in.startsWith(out)) {
      return Optional.of(
          "%1$s %2$s %3$s %4$s %5$s: nothing is written over what is read; choose another %1$s"
              .formatted(option, target, in.equals(out) ? "is" : "contains", input.option(), path));
    }
    if (out.startsWith(in) && input.inside() == Inside.REFUSED) {
      return Optional.of(
          "%s %s lies within %s %s: choose a place outside of it"
              .formatted(option, target, input.option(), path));
    }
    return Optional.empty();
  }

  /** The path without links, as far as it exists. */
  private static String real(Path path) throws IOException {
    if (!"file".equals(path.toUri().getScheme())) {
      return path.toUri().getPath();
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.toUri().getPath()).normalize();
    for (java.nio.file.Path there = local; there != null; there = there.getParent()) {
      if (java.nio.file.Files.exists(there)) {
        try {
          return there.toRealPath().resolve(there.relativize(local)).toString();
        } catch (NoSuchFileException e) {
          return local.toString(); // a pipe, as in /dev/fd/63, is there but has no other name
        }
      }
    }
    return local.toString();
  }
}
