package dev.octavo.bench;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.CpuLevel;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.metrics.Quantiles;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.spark.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * How far a program is from what the CPU's arithmetic allows, by convolution. The times are
 * oneDNN's own (ONEDNN_VERBOSE), of a process of its own. Arguments: a bundle, a precision, images
 * a call, products a core can sum in a cycle (int8 / bf16 / fp32: 64 / 32 / 16 on Zen 4, 128 / - /
 * 32 with the two AVX-512 units of Ice Lake, 1024 / 512 / - with AMX), and perhaps a level to keep
 * to, as in {@code VNNI}.
 *
 * <p>The limit is cores × clock × products a cycle. The clock is measured with a chain of
 * multiplications, which take 3 cycles each on all x86 CPUs of the last ten years, and no vectors:
 * a CPU that slows down for those has a lower limit.
 */
public final class LayerLimits {
  private static final int WARM_UP = 5;
  private static final int CALLS = 25;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  /** An execution of a primitive: kind, kernel, post-ops, problem, milliseconds. */
  private static final Pattern EXECUTION =
      Pattern.compile(
          "onednn_verbose,v1,primitive,exec,cpu,(\\w+),([^,]+),[^,]*,([^,]*),([^,]*),[^,]*,([^,]*),([0-9.e-]+)");

  private static final Pattern PROBLEM =
      Pattern.compile("mb(\\d+)_ic(\\d+)oc(\\d+)_ih(\\d+)oh(\\d+)kh(\\d+)sh(\\d+).*");

  private LayerLimits() {}

  /** Equal work: several layers of a network. */
  private record Work(String what, String kernel, double products, double bytes) {}

  /** Prints a line for each kind of convolution and one for all. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args[0].equals("calls")) {
      calls(args[1], Precision.valueOf(args[2]), Integer.parseInt(args[3]));
      return;
    }
    int batch = Integer.parseInt(args[2]);
    Map<String, String> environment = new HashMap<>(Map.of("ONEDNN_VERBOSE", "1"));
    if (args.length > 4) {
      environment.putAll(CpuLevel.valueOf(args[4]).environment());
    }
    Path log = Files.createTempFile("octavo-layers-", ".log");
    try {
      Process process =
          TestProcess.start(
              LayerLimits.class, environment, log, "calls", args[0], args[1], args[2]);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(Files.readString(log));
      }
      List<String> lines = Files.readAllLines(log);
      double gigahertz = gigahertz();
      double limit = CORES * gigahertz * Double.parseDouble(args[3]);
      print(
          "%d cores at %.2f GHz: at most %.0f billion products a second", CORES, gigahertz, limit);
      print(
          "%-42s %2s %8s %9s %6s %7s  %s",
          "convolution", "", "ms", "10^9/s", "share", "GB/s", "kernel");
      table(lines, limit, batch);
    } finally {
      Files.delete(log);
    }
  }

  /** The process that is looked at. */
  private static void calls(String model, Precision precision, int batch) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new org.apache.hadoop.fs.Path(model));
    Engine.start(CORES);
    var images = TestModels.images(batch, bundle.imageSize(), 1);
    try (InferenceProgram program =
        new ProgramLoader(bundle, conf, CpuPolicy.ADAPT).load(precision, batch)) {
      for (int i = 0; i < WARM_UP; i++) {
        program.forward(images);
      }
      for (int i = 0; i < CALLS; i++) {
        long start = System.nanoTime();
        program.forward(images);
        print("call %f", (System.nanoTime() - start) / 1e6);
      }
    }
  }

  private static void table(List<String> lines, double limit, int batch) {
    List<Double> calls = new ArrayList<>();
    // A layer is a place in the order of a call.
    List<List<Double>> millis = new ArrayList<>();
    List<Work> works = new ArrayList<>();
    int place = 0;
    boolean warm = false;
    int total = lines.stream().mapToInt(line -> line.startsWith("call ") ? 1 : 0).sum();
    for (String line : lines) {
      Matcher execution = EXECUTION.matcher(line);
      if (line.startsWith("call ")) {
        // The calls before the first line count as its first, so it is left out.
        if (warm) {
          calls.add(Double.parseDouble(line.substring("call ".length())));
        }
        warm = true;
        place = 0;
      } else if (warm && execution.matches()) {
        if (place == works.size()) {
          works.add(work(execution));
          millis.add(new ArrayList<>());
        }
        millis.get(place++).add(Double.parseDouble(execution.group(6)));
      }
    }
    if (calls.size() != total - 1 || works.isEmpty()) {
      throw new IllegalStateException("oneDNN told nothing: " + lines);
    }
    Map<Work, double[]> sums = new LinkedHashMap<>();
    for (int i = 0; i < works.size(); i++) {
      double[] sum = sums.computeIfAbsent(works.get(i), key -> new double[2]);
      sum[0]++;
      sum[1] += median(millis.get(i));
    }
    double products = 0;
    double inLayers = 0;
    for (var entry : sums.entrySet()) {
      Work work = entry.getKey();
      double count = entry.getValue()[0];
      double ms = entry.getValue()[1];
      print(
          "%-42s %2.0f %8.3f %9.1f %5.0f%% %7.1f  %s",
          work.what,
          count,
          ms,
          count * work.products / ms / 1e6,
          100 * count * work.products / ms / 1e6 / limit,
          count * work.bytes / ms / 1e6,
          work.kernel);
      products += count * work.products;
      inLayers += ms;
    }
    double call = median(calls);
    print(
        "a call of %d images: %.2f ms, %.2f of them above; the limit is %.2f ms, of which that is"
            + " %.0f%%",
        batch, call, inLayers, products / limit / 1e6, 100 * products / limit / 1e6 / call);
  }

  private static Work work(Matcher execution) {
    String problem = execution.group(5);
    Matcher m = PROBLEM.matcher(problem);
    if (!execution.group(1).equals("convolution") || !m.matches()) {
      return new Work(execution.group(1) + " " + problem, execution.group(2), 0, 0);
    }
    long n = Long.parseLong(m.group(1));
    long in = Long.parseLong(m.group(2));
    long out = Long.parseLong(m.group(3));
    long inSize = Long.parseLong(m.group(4));
    long outSize = Long.parseLong(m.group(5));
    long kernel = Long.parseLong(m.group(6));
    boolean adds = execution.group(4).contains("sum");
    double products = (double) n * outSize * outSize * out * in * kernel * kernel;
    double element =
        execution.group(3).contains("src:u8") ? 1 : execution.group(3).contains("src:bf16") ? 2 : 4;
    double bytes =
        element
            * (n * inSize * inSize * in
                + in * out * kernel * kernel
                + n * outSize * outSize * out * (adds ? 2 : 1));
    return new Work(
        "%d×%d / %s, %d → %d, %d² → %d²%s"
            .formatted(kernel, kernel, m.group(7), in, out, inSize, outSize, adds ? ", adds" : ""),
        execution.group(2),
        products,
        bytes);
  }

  private static double median(List<Double> values) {
    return Quantiles.of(values.stream().mapToDouble(Double::doubleValue).toArray()).median();
  }

  /** The best of some tries at a chain of dependent operations: or (1 cycle), multiply (3). */
  private static double gigahertz() {
    double best = 0;
    long x = 3;
    int rounds = 100_000_000;
    for (int attempt = 0; attempt < 5; attempt++) {
      long start = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        x *= x | 1;
      }
      best = Math.max(best, 4.0 * rounds / (System.nanoTime() - start));
    }
    return x == 0 ? 0 : best; // used, so that it is computed
  }

  private static void print(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args));
  }
}
