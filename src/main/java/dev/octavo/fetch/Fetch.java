package dev.octavo.fetch;

import dev.octavo.OctavoException;
import dev.octavo.artifact.LocalFiles;
import dev.octavo.artifact.Paths;
import dev.octavo.dataset.SplitLists;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;

/**
 * Brings published files to a local folder, checks them, and unpacks images. What is there already
 * and right is not fetched again; what is there and is something else is never replaced.
 */
public final class Fetch {
  /** The folder that the lists of Indoor-67 count from, in the archive and here. */
  private static final String IMAGES = "Images";

  private static final int DEPTH_OF_IMAGES = 3;
  private static final int SHOWN = 20;

  private final FetchSettings settings;
  private final Publication publication;
  private final Download download;
  private final Consumer<String> console;

  /**
   * A fetch.
   *
   * @param console takes lines about what is being done
   */
  public Fetch(FetchSettings settings, Consumer<String> console) {
    this(settings, Publication.of(settings.what()), Patience.DEFAULT, console);
  }

  Fetch(
      FetchSettings settings,
      Publication publication,
      Patience patience,
      Consumer<String> console) {
    this.settings = settings;
    this.publication = settings.url().map(publication::from).orElse(publication);
    this.download = new Download(patience, console);
    this.console = console;
  }

  /**
   * Fetches. The same call after a failure goes on where that stopped.
   *
   * @throws OctavoException if something can't be had, isn't what was published, or is incomplete
   */
  public FetchResult execute() throws IOException {
    Path to = settings.to();
    try {
      Files.createDirectories(to);
      List<Path> files = new ArrayList<>();
      for (RemoteFile file : publication.files()) {
        files.add(download.bring(file, to));
      }
      Optional<Path> images = Optional.empty();
      if (publication.archive().isPresent()) {
        images = Optional.of(images(publication.archive().get(), files.get(0), files.get(1)));
      }
      return new FetchResult(files, images, publication.terms());
    } catch (FileSystemException e) {
      throw new OctavoException(
          "%s can't be written (%s): see to its permissions, or name another folder with --to"
              .formatted(to, e.getMessage()),
          e);
    }
  }

  private Path images(RemoteFile archive, Path trainList, Path testList) throws IOException {
    Configuration conf = LocalFiles.newConfiguration();
    SplitLists lists = SplitLists.read(conf, hadoop(trainList), hadoop(testList));
    Path folder = settings.to().resolve(IMAGES);
    if (Files.exists(folder)) {
      console.accept("%s is there already".formatted(folder));
    } else {
      Path packed = download.bring(archive, settings.to());
      unpack(packed, folder);
      console.accept("%s is unpacked, and no longer needed".formatted(packed));
    }
    ImageCheck check = ImageCheck.of(conf, hadoop(folder), lists);
    console.accept(
        "%s: %,d files of %,d classes; %,d of %,d listed images are there"
            .formatted(
                folder,
                check.files(),
                check.classes(),
                check.listed() - check.missing().size(),
                check.listed()));
    boolean certain = archive.checksum().isPresent(); // else it may have been cut off on the way
    requireComplete(check, folder, certain ? "that folder" : "that folder and " + archive.name());
    return folder;
  }

  private void requireComplete(ImageCheck check, Path folder, String suspects) {
    List<String> missing = check.missing();
    if (missing.isEmpty()) {
      return;
    }
    missing.stream().limit(SHOWN).forEach(name -> console.accept("  missing: " + name));
    if (missing.size() > SHOWN) {
      console.accept("  and %,d more".formatted(missing.size() - SHOWN));
    }
    throw new OctavoException(
        "%,d of %,d listed images are missing in %s, or empty: move %s away and run the same command again, or give a whole archive with --url"
            .formatted(missing.size(), check.listed(), folder, suspects));
  }

  /** The images appear all at once; what a killed run left is removed. */
  private void unpack(Path archive, Path folder) throws IOException {
    Download.requireSpace(settings.to(), Files.size(archive), "what is in " + archive);
    Path staging = settings.to().resolve("." + IMAGES + ".unpacking");
    FileUtil.fullyDelete(staging.toFile());
    try {
      console.accept("unpacking %s ...".formatted(archive));
      Unpacker.unpack(archive, staging, Unpacker.Bounds.of(archive));
      Files.move(imagesIn(staging, archive), folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      FileUtil.fullyDelete(staging.toFile());
    }
  }

  private static Path imagesIn(Path staging, Path archive) throws IOException {
    try (Stream<Path> found =
        Files.find(
            staging,
            DEPTH_OF_IMAGES,
            (path, attributes) ->
                attributes.isDirectory() && path.getFileName().toString().equals(IMAGES))) {
      return found
          .min(Comparator.comparingInt(Path::getNameCount))
          .orElseThrow(
              () ->
                  new OctavoException(
                      "%s holds no folder '%s': it is no archive of this dataset; delete it, and give another place with --url"
                          .formatted(archive, IMAGES)));
    }
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return Paths.of(path.toUri().toString());
  }
}
