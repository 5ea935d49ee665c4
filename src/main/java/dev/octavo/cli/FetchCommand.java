package dev.octavo.cli;

import dev.octavo.fetch.Fetch;
import dev.octavo.fetch.FetchResult;
import dev.octavo.fetch.FetchSettings;
import dev.octavo.fetch.Fetchable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code octavo fetch}. */
@Command(
    name = "fetch",
    description =
        "Downloads Indoor-67, or ImageNet weights to start a training from, and checks"
            + " them. The same command resumes an interrupted download.")
public final class FetchCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description =
          "indoor67: 15,620 images of 67 kinds of rooms and their lists (2.6 GB, twice that while"
              + " unpacking). resnet50-weights: torchvision's ResNet-50 (103 MB).")
  private Fetchable what;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "The local folder in which the files appear (${DEFAULT-VALUE}).")
  private Path to;

  @Option(
      names = "--url",
      paramLabel = "U",
      description =
          "Another place: a folder, ending in a slash, that has the published files; or an archive"
              + " (tar, tar.gz, zip) with a folder Images, or the file of the weights.")
  private String url;

  @Spec private CommandSpec spec;

  FetchCommand() {}

  @Override
  public Integer call() throws IOException {
    FetchSettings settings =
        new FetchSettings(what, to, Optional.ofNullable(url).map(FetchSettings::url));
    PrintWriter out = spec.commandLine().getOut();
    FetchResult result =
        new Fetch(
                settings,
                line -> {
                  out.printf("%s%n", line);
                  out.flush();
                })
            .execute();
    out.println(result.terms());
    out.printf("next: %s%n", next(result));
    return 0;
  }

  private static String next(FetchResult result) {
    Path first = result.files().get(0);
    return result
        .images()
        .map(
            images ->
                "jobs/ingest --images %s --train-list %s --test-list %s --out %s"
                    .formatted(
                        images, first, result.files().get(1), images.resolveSibling("indoor67")))
        .orElseGet(() -> "jobs/train --weights %s --data DIR --out DIR".formatted(first));
  }
}
