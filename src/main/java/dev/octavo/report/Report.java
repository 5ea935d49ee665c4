package dev.octavo.report;

import dev.octavo.OctavoException;
import dev.octavo.artifact.WholeFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The stage that turns a scores artifact into one HTML page. */
public final class Report {
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
   * @throws OctavoException if there is no whole scores artifact, or {@code out} is a directory
   */
  public Result execute() throws IOException {
    FileSystem fs = settings.out().getFileSystem(conf);
    Path out = fs.makeQualified(settings.out());
    if (fs.exists(out) && fs.getFileStatus(out).isDirectory()) {
      throw new OctavoException.Usage(
          "%s is a directory: name the HTML file that --out is to be".formatted(out));
    }
    String page = Page.of(ReportInputs.read(conf, settings), settings);
    WholeFiles.write(conf, out, page);
    return new Result(out, page.getBytes(StandardCharsets.UTF_8).length);
  }
}
