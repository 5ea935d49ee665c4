package dev.octavo.weights;

import dev.octavo.OctavoException;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.Pickles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Reads mutated weight files: bytes flipped, inserted, cut out and put in place of lengths, in the
 * files as they are, in pickles whose zip is whole again, in headers of safetensors, and in ONNX.
 * Each file must be read, or refused in one printable line, within seconds; run it with little
 * heap, as in {@code JAVA_OPTS=-Xmx256m .ci/measure dev.octavo.weights.FuzzedWeights 1 600}.
 * Arguments: the first seed, seconds. The seed of a file that does something else is printed, and
 * replays it.
 */
public final class FuzzedWeights {
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final int MOST_LETTERS = 2_000;
  private static final long[] LENGTHS = {
    -1,
    0,
    1,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffffL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Path file;
  private final List<byte[]> files = new ArrayList<>();
  private final List<Map<String, byte[]>> archives = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private long slowest;

  private FuzzedWeights(Path directory) throws IOException {
    file = directory.resolve("mutated");
    for (String name : List.of("tensors.pth", "checkpoint.pth", "script.pt", "legacy.pth")) {
      files.add(Files.readAllBytes(WeightFilesTest.fixture(name)));
    }
    WeightFiles.writeSafetensors(WeightFiles.read(WeightFilesTest.fixture("tensors.pth")), file);
    files.add(Files.readAllBytes(file));
    files.add(onnx(WeightFiles.read(WeightFilesTest.fixture("tensors.pth"))));
    for (String name : List.of("tensors.pth", "checkpoint.pth", "script.pt")) {
      archives.add(entries(WeightFilesTest.fixture(name)));
    }
  }

  /** A model with these initializers, of which a convolution reads two under other names. */
  private static byte[] onnx(StateDict state) throws IOException {
    OnnxBuilder builder = new OnnxBuilder("fuzz", "1");
    builder.input("x", DType.FLOAT32, "N", 3, 8, 8);
    state.tensors().forEach(builder::initializer);
    List<String> names = List.copyOf(state.names());
    builder.node("Identity", "same", List.of(names.get(0)));
    builder.node("Conv", "/layer/layer.0/Conv", List.of("x", names.get(1), names.get(2)));
    builder.output("/layer/layer.0/Conv", DType.FLOAT32, "N", 3, 8, 8);
    builder.metadata("classes", "a\nb");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    builder.writeTo(out);
    return out.toByteArray();
  }

  /** Reads until the time is over. */
  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory("octavo-fuzz-");
    FuzzedWeights fuzz = new FuzzedWeights(directory);
    long seed = Long.parseLong(args[0]);
    long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
    int faults = 0;
    while (System.nanoTime() < end) {
      faults += fuzz.readsOrRefuses(seed) ? 0 : 1;
      seed++;
    }
    Files.deleteIfExists(fuzz.file);
    Files.delete(directory);
    System.out.printf(
        "seeds %s to %d: %s, slowest %d ms, heap of %d MB, %d faults%n",
        args[0],
        seed - 1,
        fuzz.outcomes,
        fuzz.slowest / 1_000_000,
        Runtime.getRuntime().maxMemory() >> 20,
        faults);
    if (faults > 0) {
      System.exit(1);
    }
  }

  private boolean readsOrRefuses(long seed) throws IOException {
    write(new Random(seed));
    long start = System.nanoTime();
    String fault = "";
    try {
      StateDict state = WeightFiles.read(file, "FILE");
      state.tensors().values().forEach(Tensor::bytes);
      count("read");
    } catch (OctavoException e) {
      count("refused");
      String message = e.getMessage();
      if (message.length() > MOST_LETTERS
          || message.codePoints().anyMatch(Character::isISOControl)
          || !message.contains("FILE")) {
        fault = "message " + message;
      }
    } catch (Throwable e) { // whatever it is, errors included
      fault = e + " at " + Arrays.toString(Arrays.copyOf(e.getStackTrace(), 3));
    }
    long nanos = System.nanoTime() - start;
    slowest = Math.max(slowest, nanos);
    if (nanos > MOST_NANOS) {
      fault += " took %d ms".formatted(nanos / 1_000_000);
    }
    if (!fault.isEmpty()) {
      System.out.printf("seed %d: %s%n", seed, fault);
    }
    return fault.isEmpty();
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private void write(Random random) throws IOException {
    if (random.nextBoolean()) {
      Files.write(file, mutated(files.get(random.nextInt(files.size())), random));
      return;
    }
    Map<String, byte[]> entries =
        new LinkedHashMap<>(archives.get(random.nextInt(archives.size())));
    List<String> names = new ArrayList<>(entries.keySet());
    String pickle =
        names.stream().filter(name -> name.endsWith("data.pkl")).findFirst().orElseThrow();
    String name = random.nextInt(4) > 0 ? pickle : names.get(random.nextInt(names.size()));
    if (random.nextInt(20) == 0) {
      entries.remove(name);
    } else {
      entries.put(name, mutated(entries.get(name), random));
    }
    Pickles.zip(
        file, random.nextBoolean() ? ZipOutputStream.STORED : ZipOutputStream.DEFLATED, entries);
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(random.nextInt(4) == 0 ? 30 : 3);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      // Headers are at the start, the directory of a zip at the end: they are met more often.
      int range = random.nextInt(3) == 0 ? Math.min(bytes.length, 400) : bytes.length;
      int at = random.nextInt(range);
      at = random.nextInt(3) == 0 ? bytes.length - 1 - at : at;
      bytes = mutated(bytes, at, random);
    }
    return bytes;
  }

  private static byte[] mutated(byte[] bytes, int at, Random random) {
    switch (random.nextInt(7)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3 -> {
        int width = random.nextBoolean() ? Integer.BYTES : Long.BYTES;
        byte[] length =
            ByteBuffer.allocate(Long.BYTES)
                .order(random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .putLong(LENGTHS[random.nextInt(LENGTHS.length)])
                .array();
        System.arraycopy(length, 0, bytes, at, Math.min(width, bytes.length - at));
      }
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 5 -> {
        int n = Math.min(1 + random.nextInt(64), bytes.length - at);
        return concatenated(bytes, at, bytes, at, n, random.nextInt(200));
      }
      default -> {
        return concatenated(bytes, at, bytes, random.nextInt(bytes.length), 1, 1);
      }
    }
    return bytes;
  }

  /** With {@code n} bytes of another place put in, so many times. */
  private static byte[] concatenated(
      byte[] bytes, int at, byte[] source, int from, int n, int times) {
    ByteBuffer out = ByteBuffer.allocate(bytes.length + n * times).put(bytes, 0, at);
    for (int i = 0; i < times; i++) {
      out.put(source, from, n);
    }
    return out.put(bytes, at, bytes.length - at).array();
  }

  private static Map<String, byte[]> entries(Path archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream in = zip.getInputStream(entry)) {
          entries.put(entry.getName(), in.readAllBytes());
        }
      }
    }
    return entries;
  }
}
