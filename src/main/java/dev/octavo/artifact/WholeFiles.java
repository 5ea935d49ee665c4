package dev.octavo.artifact;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** Single files that appear whole or not at all, whatever ends the program meanwhile. */
public final class WholeFiles {
  private static final int BUFFER_BYTES = 1 << 20;

  private WholeFiles() {}

  /** Writes what a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes it; doesn't close the stream. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes a file in UTF-8, in place of one that is there. It is written beside it, as {@code
   * .NAME.writing}, and renamed.
   */
  public static void write(Configuration conf, Path file, String text) throws IOException {
    write(conf, file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The same with content that is written to a stream. */
  public static void write(Configuration conf, Path file, Content content) throws IOException {
    FileSystem fs = file.getFileSystem(conf);
    Path target = Paths.qualified(fs, file);
    Path fresh = Paths.sibling(target, "." + target.getName() + ".writing");
    try (OutputStream out = new BufferedOutputStream(fs.create(fresh, true), BUFFER_BYTES)) {
      content.writeTo(out);
    } catch (IOException | RuntimeException e) {
      fs.delete(fresh, false);
      throw e;
    }
    if (!"file".equals(fs.getUri().getScheme())) {
      FileContext.getFileContext(fs.getUri(), conf).rename(fresh, target, Options.Rename.OVERWRITE);
    } else if (!fs.rename(fresh, target)) { // FileContext knows no colons in names there
      throw new IOException("%s can't be renamed to %s".formatted(fresh, target));
    }
  }
}
