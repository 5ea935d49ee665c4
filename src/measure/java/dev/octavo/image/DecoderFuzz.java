package dev.octavo.image;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Decodes files whose headers were damaged at random, and looks for what must not happen: an
 * exception other than a refusal, more memory than the limit on pixels allows, more time than ten
 * seconds. A crash of the JVM leaves the number of the case in {@code decoder-fuzz.case} of the
 * working directory. Arguments: folder of files to damage, minutes, seed; or folder, {@code case},
 * seed, number, to run one again. Exits with 1 if anything was found.
 */
public final class DecoderFuzz {
  /** 4 megapixels: decoded 12 MB, and as much again in each of a few places. */
  private static final DecodeLimits LIMITS = new DecodeLimits(4_000_000, 1 << 20);

  /** What the process may grow by: heap, file, pixels, and what decoders hold on the way. */
  private static final long MAX_GROWTH_KIB = 512 << 10;

  private static final int WARM_UP = 500;
  private static final double MAX_SECONDS = 10;
  private static final int HEADER_BYTES = 700;
  private static final int[] ODD = {0, 1, 2, 3, 4, 7, 8, 16, 0x7f, 0x80, 0xff};

  private final List<byte[]> originals = new ArrayList<>();
  private final long seed;
  private final Map<UndecodableImageException.Reason, Integer> refused =
      new EnumMap<>(UndecodableImageException.Reason.class);
  private int decoded;
  private int found;
  private double slowest;

  private DecoderFuzz(Path folder, long seed) throws IOException {
    this.seed = seed;
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
        if (Files.size(file) < LIMITS.maxBytes() / 4) {
          originals.add(Files.readAllBytes(file));
        }
      }
    }
  }

  /** Runs. */
  public static void main(String[] args) throws IOException {
    if (args[1].equals("case")) {
      DecoderFuzz fuzz = new DecoderFuzz(Path.of(args[0]), Long.parseLong(args[2]));
      fuzz.run(Long.parseLong(args[3]));
      System.exit(fuzz.found == 0 ? 0 : 1);
    }
    DecoderFuzz fuzz = new DecoderFuzz(Path.of(args[0]), Long.parseLong(args[2]));
    fuzz.runFor(Double.parseDouble(args[1]));
    System.exit(fuzz.found == 0 ? 0 : 1);
  }

  private void runFor(double minutes) throws IOException {
    System.out.printf("seed %d, %d files%n", seed, originals.size());
    for (long i = 0; i < WARM_UP; i++) {
      run(i);
    }
    long before = peakKib();
    long end = System.nanoTime() + (long) (minutes * 60e9);
    long cases = WARM_UP;
    Path last = Path.of("decoder-fuzz.case");
    while (System.nanoTime() < end) {
      Files.writeString(last, seed + " " + cases);
      run(cases++);
      if (peakKib() - before > MAX_GROWTH_KIB) {
        report(cases - 1, "the process grew from %,d to %,d KiB".formatted(before, peakKib()));
        before = peakKib();
      }
    }
    Files.deleteIfExists(last);
    System.out.printf(
        Locale.ROOT,
        "%d cases: %d decoded, refused %s; slowest %.2f s, peak %,d KiB after %,d; found %d%n",
        cases,
        decoded,
        refused,
        slowest,
        peakKib(),
        before,
        found);
  }

  private void run(long number) {
    Random random = new Random(seed * 1_000_003 + number);
    byte[] file = damaged(originals.get(random.nextInt(originals.size())).clone(), random);
    long start = System.nanoTime();
    try {
      ImageDecoder.decode(file, LIMITS);
      decoded++;
    } catch (UndecodableImageException e) {
      refused.merge(e.reason(), 1, Integer::sum);
      if (e.getMessage().lines().count() > 1) {
        report(number, "the message has several lines: " + e.getMessage());
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      report(number, e + " at " + Arrays.asList(e.getStackTrace()).subList(0, 3));
    }
    if (number < WARM_UP) {
      return; // the first ones load libraries
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    slowest = Math.max(slowest, seconds);
    if (seconds > MAX_SECONDS) {
      report(number, "%.1f s".formatted(seconds));
    }
  }

  private void report(long number, String what) {
    found++;
    System.out.printf("seed %d case %d: %s%n", seed, number, what);
  }

  private static byte[] damaged(byte[] file, Random random) {
    byte[] damaged = file;
    for (int n = 1 + random.nextInt(4); n > 0 && damaged.length > 16; n--) {
      // Where headers are: at the beginning, or of TIFFs often at the end.
      int range = Math.min(damaged.length - 8, HEADER_BYTES);
      int at = random.nextInt(range);
      if (random.nextInt(4) == 0) {
        at = damaged.length - 8 - at;
      }
      ByteBuffer bytes = ByteBuffer.wrap(damaged);
      switch (random.nextInt(7)) {
        case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> damaged[at] = (byte) ODD[random.nextInt(ODD.length)];
        case 2 -> bytes.putShort(at, (short) random.nextInt());
        case 3 -> bytes.putInt(at, random.nextInt());
        case 4 -> bytes.putInt(at, ODD[random.nextInt(ODD.length)]);
        case 5 -> { // a piece of it once more
          int length = Math.min(damaged.length - at, 1 + random.nextInt(64));
          byte[] longer = Arrays.copyOf(damaged, damaged.length + length);
          System.arraycopy(damaged, at, longer, at + length, damaged.length - at);
          damaged = longer;
        }
        default -> {
          if (random.nextInt(3) == 0) {
            damaged = Arrays.copyOf(damaged, 1 + random.nextInt(damaged.length - 1));
          }
        }
      }
    }
    return damaged;
  }

  /** The largest resident memory of this process so far. */
  private static long peakKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
