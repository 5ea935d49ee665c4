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
  private final Path scores;
  private final Path out;

  /**
   * A run; {@code conf} says how paths are reached.
   *
   * @param out the HTML file to write; one that is there is replaced
   */
  public Report(Configuration conf, Path scores, Path out) {
    this.conf = conf;
    this.scores = scores;
    this.out = out;
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
    FileSystem fs = out.getFileSystem(conf);
    Path qualified = fs.makeQualified(out);
    if (fs.exists(qualified) && fs.getFileStatus(qualified).isDirectory()) {
      throw new OctavoException.Usage(
          "%s is a directory: name the HTML file that --out is to be".formatted(qualified));
    }
    String page = Page.of(ReportInputs.read(conf, scores));
    WholeFiles.write(conf, qualified, page);
    return new Result(qualified, page.getBytes(StandardCharsets.UTF_8).length);
  }
}
