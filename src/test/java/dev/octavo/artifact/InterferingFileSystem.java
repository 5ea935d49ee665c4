package dev.octavo.artifact;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system, in which something happens right before a rename. */
public final class InterferingFileSystem extends DelegateToFileSystem {
  static Interference beforeRename = (from, to) -> {};

  /** Something that another process does, or a refusal. */
  interface Interference {
    void interfere(java.nio.file.Path from, java.nio.file.Path to) throws IOException;
  }

  /** Constructs it as Hadoop does. */
  public InterferingFileSystem(URI uri, Configuration conf) throws IOException, URISyntaxException {
    super(uri, new RawLocalFileSystem(), conf, "file", false);
  }

  @Override
  public int getUriDefaultPort() {
    return -1;
  }

  @Override
  public void renameInternal(Path from, Path to) throws IOException {
    beforeRename.interfere(
        java.nio.file.Path.of(from.toUri().getPath()), java.nio.file.Path.of(to.toUri().getPath()));
    super.renameInternal(from, to);
  }
}
