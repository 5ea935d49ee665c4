package dev.octavo.artifact;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Hadoop's local file system without its checksum files, which know no colons in names and outlive
 * what they belong to. Artifacts have hashes in their manifests, and Parquet has checksums in its
 * pages.
 */
public final class LocalFiles extends LocalFileSystem {
  /** Settings of Hadoop by key. */
  public static final Map<String, String> SETTINGS =
      Map.of("fs.file.impl", LocalFiles.class.getName());

  /** Made by Hadoop. */
  public LocalFiles() {}

  /** Hadoop's configuration, with these settings. */
  public static Configuration newConfiguration() {
    Configuration conf = new Configuration();
    SETTINGS.forEach(conf::set);
    return conf;
  }

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setVerifyChecksum(false);
    setWriteChecksum(false);
  }

  @Override
  public Path getChecksumFile(Path file) {
    return Paths.sibling(file, "." + file.getName() + ".crc");
  }
}
