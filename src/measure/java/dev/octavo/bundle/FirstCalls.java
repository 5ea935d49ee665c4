package dev.octavo.bundle;

import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How long a fresh JVM takes until a model's first answer, and what a change of the batch size
 * costs. Arguments: a bundle, a precision.
 */
public final class FirstCalls {
  private static final int[] BATCHES = {1, 1, 1, 16, 16, 7, 7, 16, 1, 8, 3};

  private FirstCalls() {}

  /** Prints a line for each call. */
  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new Path(args[0]));
    Engine.start(Runtime.getRuntime().availableProcessors());
    long start = System.nanoTime();
    try (InferenceProgram program =
        new ProgramLoader(bundle, conf, CpuPolicy.ADAPT).load(Precision.valueOf(args[1]))) {
      print("load", start);
      for (int batch : BATCHES) {
        var images = TestModels.images(batch, bundle.imageSize(), batch);
        start = System.nanoTime();
        program.forward(images);
        print("batch of " + batch, start);
      }
    }
  }

  private static void print(String what, long start) {
    System.err.println(
        String.format(Locale.ROOT, "%-12s %8.1f ms", what, (System.nanoTime() - start) / 1e6));
  }
}
