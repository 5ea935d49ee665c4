package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How many images per second one thread turns into the square of evaluation: by {@link
 * ImageDecoder} and {@link Preprocess}, as training and ingest do, and by {@link SquareDecoder}, as
 * scoring does; and how far the squares are apart, in levels of 255. The two take turns image by
 * image, and seconds are of the thread's processor time, so that what else the machine does
 * disturbs little (nor is the garbage collector counted, which the former keep busy). Arguments: a
 * folder, and perhaps the image size (224) and how many rounds are timed after a first one (5).
 */
public final class DecodeRate {
  private DecodeRate() {}

  /** Measures. */
  public static void main(String[] args) throws IOException {
    List<byte[]> files = read(Path.of(args[0]));
    int size = args.length > 1 ? Integer.parseInt(args[1]) : 224;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    Preprocessing rule = Preprocessing.ofSize(size);
    Preprocess preprocess = Preprocess.evaluation(rule);
    ByteBuffer separate = ByteBuffer.allocateDirect(preprocess.bytes());
    ByteBuffer square = ByteBuffer.allocateDirect(preprocess.bytes());
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    long separateNanos = 0;
    long squareNanos = 0;
    List<Difference> differences = new ArrayList<>();
    try (SquareDecoder decoder = new SquareDecoder(Set.of(rule), DecodeLimits.DEFAULT)) {
      for (int round = 0; round <= rounds; round++) {
        for (byte[] file : files) {
          long start = clock.getCurrentThreadCpuTime();
          preprocess.apply(ImageDecoder.decode(file, DecodeLimits.DEFAULT), separate.clear());
          long middle = clock.getCurrentThreadCpuTime();
          decoder.decode(file, Map.of(rule, square.clear()));
          long end = clock.getCurrentThreadCpuTime();
          if (round > 0) {
            separateNanos += middle - start;
            squareNanos += end - middle;
          } else {
            differences.add(Difference.of(separate.flip(), square.flip()));
          }
        }
      }
    } catch (UndecodableImageException e) {
      throw new IOException("every file of the folder must be decodable", e);
    }
    double timed = (double) files.size() * rounds;
    System.out.printf(
        Locale.ROOT,
        "%d files, %d px: ImageDecoder + Preprocess %.0f images/s, SquareDecoder %.0f images/s,"
            + " %.2f times as many%n",
        files.size(),
        size,
        timed / separateNanos * 1e9,
        timed / squareNanos * 1e9,
        (double) separateNanos / squareNanos);
    System.out.printf(
        Locale.ROOT,
        "mean difference %.3f levels, of the worst image %.3f, of the worst pixel %d;"
            + " %d images are the same%n",
        differences.stream().mapToDouble(Difference::mean).average().orElseThrow(),
        differences.stream().mapToDouble(Difference::mean).max().orElseThrow(),
        differences.stream().mapToInt(Difference::max).max().orElseThrow(),
        differences.stream().filter(d -> d.max() == 0).count());
  }

  private static List<byte[]> read(Path folder) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path :
          tree.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList()) {
        files.add(Files.readAllBytes(path));
      }
    }
    return files;
  }

  /** How far two squares are apart, in levels: the mean and the largest over all values. */
  public record Difference(double mean, int max) {
    public static Difference of(ByteBuffer one, ByteBuffer other) {
      long sum = 0;
      int max = 0;
      for (int i = 0; i < one.limit(); i++) {
        int difference = Math.abs((one.get(i) & 0xff) - (other.get(i) & 0xff));
        sum += difference;
        max = Math.max(max, difference);
      }
      return new Difference((double) sum / one.limit(), max);
    }
  }
}
