package dev.octavo.fetch;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files that are in place now.
 *
 * @param files as published: lists, or weights
 * @param images the folder of images, for a dataset; all that its lists name is in it
 * @param terms under which they may be used
 */
public record FetchResult(List<Path> files, Optional<Path> images, String terms) {
  /** Copies the list. */
  public FetchResult {
    files = List.copyOf(files);
  }
}
