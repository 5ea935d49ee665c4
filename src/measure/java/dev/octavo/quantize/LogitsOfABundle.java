package dev.octavo.quantize;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Prints what an int8 bundle makes of some images. Arguments: the bundle, the policy. */
final class LogitsOfABundle {
  static final int IMAGES = 8;

  private LogitsOfABundle() {}

  public static void main(String[] args) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new Path(args[0]));
    try (InferenceProgram program =
        new ProgramLoader(bundle, conf, CpuPolicy.valueOf(args[1])).load(Precision.INT8)) {
      System.out.println(text(program, bundle.imageSize()));
    }
  }

  static String text(InferenceProgram program, int size) {
    return "logits "
        + Arrays.toString(TestModels.logits(program, TestModels.images(IMAGES, size, 81)));
  }
}
