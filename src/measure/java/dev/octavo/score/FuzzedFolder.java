package dev.octavo.score;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes damaged files out of a folder of images, the same for the same seed: in turn one that is
 * cut, one with flipped bits, one whose name says another format. Arguments: the folder, where the
 * files go, how many, the seed.
 */
public final class FuzzedFolder {
  private static final List<String> EXTENSIONS =
      List.of("jpg", "png", "gif", "bmp", "webp", "tif", "txt");

  private static final int MAX_FLIPS = 32;
  private static final int HEADER_BYTES = 1024;

  private FuzzedFolder() {}

  private enum Damage {
    CUT,
    FLIPPED,
    RENAMED
  }

  /** Makes them. */
  public static void main(String[] args) throws IOException {
    List<Path> originals = RepeatedFiles.in(Path.of(args[0]));
    Path out = Files.createDirectories(Path.of(args[1]));
    int count = Integer.parseInt(args[2]);
    Random random = new Random(Long.parseLong(args[3]));
    Damage[] damages = Damage.values();
    for (int i = 0; i < count; i++) {
      Path original = originals.get(random.nextInt(originals.size()));
      Damage damage = damages[i % damages.length];
      byte[] bytes = damaged(Files.readAllBytes(original), damage, random);
      String extension = extension(original);
      if (damage == Damage.RENAMED) {
        extension = other(extension, random);
      }
      String name = "%s-%06d.%s".formatted(damage.name().toLowerCase(Locale.ROOT), i, extension);
      Files.write(out.resolve(name), bytes);
    }
  }

  private static byte[] damaged(byte[] file, Damage damage, Random random) {
    if (file.length == 0) {
      return file;
    }
    return switch (damage) {
      case CUT -> Arrays.copyOf(file, random.nextInt(file.length));
      case FLIPPED -> flipped(file, random);
      case RENAMED -> file;
    };
  }

  private static byte[] flipped(byte[] file, Random random) {
    // Half of the files are hit in their first part, where headers and tables are.
    int range = random.nextBoolean() ? file.length : Math.min(file.length, HEADER_BYTES);
    for (int flips = 1 + random.nextInt(MAX_FLIPS); flips > 0; flips--) {
      file[random.nextInt(range)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return file;
  }

  /** What a file's name says that it is, in lower case. */
  static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static String other(String extension, Random random) {
    List<String> others = EXTENSIONS.stream().filter(e -> !e.equals(extension)).toList();
    return others.get(random.nextInt(others.size()));
  }
}
