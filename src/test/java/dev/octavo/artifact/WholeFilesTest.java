package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFilesTest {
  @TempDir private java.nio.file.Path directory;

  /** A disk with room for three bytes. */
  public static final class FullDisk extends RawLocalFileSystem {
    @Override
    public FSDataOutputStream create(
        Path file, boolean overwrite, int buffer, short copies, long block, Progressable progress)
        throws IOException {
      OutputStream out = super.create(file, overwrite, buffer, copies, block, progress);
      return new FSDataOutputStream(
          new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
              out.write(bytes, from, Math.min(3, count));
              throw new IOException("No space left on device");
            }
          },
          null);
    }
  }

  @Test
  void replacesAFile() throws IOException {
    java.nio.file.Path file = directory.resolve("a: page.html");
    Path path = new Path(file.toUri());
    WholeFiles.write(new Configuration(), path, "old and longer");
    WholeFiles.write(new Configuration(), path, "neu: \u00fc");
    assertThat(file).hasContent("neu: \u00fc");
    assertThat(directory).isDirectoryContaining(p -> p.equals(file));
    assertThat(directory.toFile().list()).hasSize(1);
  }

  @Test
  void aFileThatCantBeWrittenLeavesTheOldOneAsItIs() throws IOException {
    java.nio.file.Path file = directory.resolve("page.html");
    Files.writeString(file, "old");
    Configuration conf = new Configuration();
    conf.setClass("fs.file.impl", FullDisk.class, FileSystem.class);
    conf.setBoolean("fs.file.impl.disable.cache", true);
    assertThatThrownBy(() -> WholeFiles.write(conf, new Path(file.toUri()), "new"))
        .hasMessage("No space left on device");
    assertThat(file).hasContent("old");
    assertThat(directory.toFile().list()).containsExactly("page.html");
  }
}
