package dev.octavo.artifact;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.local.RawLocalFs;

/**
 * Settings of Hadoop by which local files are read and written as they are, without its own
 * checksum files. Those know no colons in names and outlive what they belong to; artifacts have
 * hashes in their manifests, and Parquet has checksums in its pages.
 */
public final class LocalFiles {
  /** By key. */
  public static final Map<String, String> SETTINGS =
      Map.of(
          "fs.file.impl",
          RawLocalFileSystem.class.getName(),
          "fs.AbstractFileSystem.file.impl",
          RawLocalFs.class.getName());

  private LocalFiles() {}

  /** Hadoop's configuration, with these settings. */
  public static Configuration newConfiguration() {
    Configuration conf = new Configuration();
    SETTINGS.forEach(conf::set);
    return conf;
  }
}
