package dev.octavo.score;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.ImageFormat;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which files of a folder are decoded, by format, beside what Pillow makes of them. Arguments: the
 * folder; what Pillow says, as {@code pillow_reference.py} in the test resources writes it. Files
 * that the reference doesn't name are left out.
 */
public final class FormatTable {
  private FormatTable() {}

  /**
   * One file.
   *
   * @param format by content, else the extension in brackets
   * @param octavo {@code OK} and the size, or why not
   * @param pillow {@code OK}, format, mode and size, or why not
   */
  private record Verdict(String file, String format, String octavo, String pillow) {
    boolean decoded() {
      return octavo.startsWith("OK");
    }

    boolean pillowDecoded() {
      return pillow.startsWith("OK");
    }
  }

  /** Decodes and prints. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Map<String, String> reference = reference(Path.of(args[1]));
    List<Verdict> verdicts = new ArrayList<>();
    for (Path file : RepeatedFiles.in(folder)) {
      String name = folder.relativize(file).toString();
      if (reference.containsKey(name)) {
        verdicts.add(verdict(name, file, reference.get(name)));
      }
    }
    print(verdicts);
  }

  private static Map<String, String> reference(Path file) throws IOException {
    Map<String, String> reference = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int tab = line.indexOf('\t');
      if (tab > 0) {
        reference.put(line.substring(0, tab), line.substring(tab + 1));
      }
    }
    reference.remove("file"); // the header
    return reference;
  }

  private static Verdict verdict(String name, Path file, String pillow) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String format =
        ImageFormat.of(bytes).map(Enum::toString).orElse("(" + FuzzedFolder.extension(file) + ")");
    return new Verdict(name, format, decode(bytes), pillow);
  }

  private static String decode(byte[] bytes) {
    try {
      RgbImage image = ImageDecoder.decode(bytes, DecodeLimits.DEFAULT);
      return "OK (%d, %d)".formatted(image.width(), image.height());
    } catch (UndecodableImageException e) {
      return e.reason().label() + ": " + e.getMessage();
    } catch (RuntimeException e) {
      // Scoring reports it in this way too; here it is what is looked for.
      return "decoder-failure: " + e;
    }
  }

  private static void print(List<Verdict> verdicts) {
    Map<String, List<Verdict>> byFormat = new TreeMap<>();
    for (Verdict verdict : verdicts) {
      byFormat.computeIfAbsent(verdict.format(), f -> new ArrayList<>()).add(verdict);
    }
    byFormat.put("all", verdicts);
    System.out.println("format     files  octavo  pillow  octavo only  pillow only");
    byFormat.forEach((format, files) -> System.out.println(line(format, files)));
    for (Verdict verdict : verdicts) {
      if (verdict.decoded() != verdict.pillowDecoded()) {
        System.out.printf(
            "%n%s%n  octavo: %s%n  pillow: %s%n",
            verdict.file(), verdict.octavo(), verdict.pillow());
      }
    }
  }

  private static String line(String format, List<Verdict> files) {
    return String.format(
        Locale.ROOT,
        "%-9s %6d %7d %7d %12d %12d",
        format,
        files.size(),
        files.stream().filter(Verdict::decoded).count(),
        files.stream().filter(Verdict::pillowDecoded).count(),
        files.stream().filter(v -> v.decoded() && !v.pillowDecoded()).count(),
        files.stream().filter(v -> !v.decoded() && v.pillowDecoded()).count());
  }
}
