package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prints a line per file of a folder, for a comparison with another decoder: name, orientation,
 * width and height after it, or the reason of a refusal; tabs between. Arguments: the folder, where
 * the pixels go (RGB, without header, by the file's name with {@code /} as {@code @}).
 */
public final class DecodedFolder {
  private DecodedFolder() {}

  /** Decodes and prints. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Path out = Files.createDirectories(Path.of(args[1]));
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      String name = folder.relativize(file).toString();
      System.out.println(name + "\t" + line(file, out.resolve(name.replace('/', '@'))));
    }
  }

  private static String line(Path file, Path pixels) throws IOException {
    try {
      ImageDecoder.Decoded decoded =
          ImageDecoder.decodeWithInfo(Files.readAllBytes(file), DecodeLimits.DEFAULT);
      RgbImage image = decoded.image();
      Files.write(pixels, image.pixels());
      return "%d\t%d\t%d".formatted(decoded.info().orientation(), image.width(), image.height());
    } catch (UndecodableImageException e) {
      return e.reason().label() + "\t" + e.getMessage();
    }
  }
}
