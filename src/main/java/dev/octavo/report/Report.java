package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.WholeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The stage that turns a scores artifact into one HTML page. */
public final class Report {
  private static final String HTML = "<!DOCTYPE html";

  private final Configuration conf;
  private final ReportSettings settings;

  /** A run; {@code conf} says how paths are reached. */
  public Report(Configuration conf, ReportSettings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * The page that was written.
   *
   * @param out the page
   * @param bytes its size
   */
  public record Result(Path out, long bytes) {}

  /**
   * Writes the page.
   *
   * @throws OctavoException if there is no whole scores artifact, or {@code out} is a directory,
   *     lies within the scores or is a file that isn't HTML
   */
  public Result execute() throws IOException {
    FileSystem fs = settings.out().getFileSystem(conf);
    Path out = fs.makeQualified(settings.out());
    Destination.checkFile(conf, out, settings.inputs());
    requirePage(fs, out);
    String page = Page.of(ReportInputs.read(conf, settings), settings);
    WholeFiles.write(conf, out, page);
    return new Result(out, page.getBytes(StandardCharsets.UTF_8).length);
  }

  /** A page may be replaced, and an empty file; images, bundles and lists are inputs too. */
  private static void requirePage(FileSystem fs, Path out) throws IOException {
    if (!fs.exists(out)) {
      return;
    }
    try (InputStream in = fs.open(out)) {
      String start = new String(in.readNBytes(HTML.length()), StandardCharsets.UTF_8);
      if (!start.isEmpty() && !start.equalsIgnoreCase(HTML)) {
        throw new OctavoException.Usage(
            "--out %s exists and is no HTML page, so it is left as it is: choose another --out"
                .formatted(out));
      }
    }
  }
}
