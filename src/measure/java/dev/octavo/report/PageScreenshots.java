package dev.octavo.report;

import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * Pictures of pages at the widths of a phone and of a desk, each light and dark, to look at.
 * Arguments: the directory to write, and pages; without pages, those that the tests open are made.
 */
public final class PageScreenshots {
  private PageScreenshots() {}

  /** Takes them. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path out = Files.createDirectories(Path.of(args[0]));
    List<Path> pages = List.of(args).subList(1, args.length).stream().map(Path::of).toList();
    if (pages.isEmpty()) {
      PageData data = new PageData(out.resolve("data"));
      pages =
          List.of(page(data.demo()), page(data.unlabelled(100_000)), page(data.errorsOnly(500)));
    }
    try (Browser browser = Browser.start(Files.createTempDirectory("profile"))) {
      for (Path page : pages) {
        String name = page.getFileName().toString().replace(".html", "");
        for (int width : List.of(1440, 360)) {
          for (String scheme : List.of("light", "dark")) {
            browser.resize(width, 900);
            browser.emulate("screen", scheme);
            browser.open(page.toAbsolutePath());
            browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            browser.screenshot(out.resolve("%s-%s-%d.png".formatted(name, scheme, width)));
          }
        }
      }
    }
    LocalCluster.stop();
  }

  private static Path page(ReportSettings settings) throws IOException {
    return Path.of(new Report(new Configuration(), settings).execute().out().toUri());
  }
}
