package dev.octavo.bench;

import dev.octavo.OctavoException;
import dev.octavo.bench.AlternatingBenchmark.Machine;
import dev.octavo.bench.AlternatingBenchmark.Subject;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.Precision;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.Engine;
import dev.octavo.engine.LoadedProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The stage that times models and precisions against each other on this machine. It needs no Spark
 * session.
 */
public final class Bench {
  private final Configuration conf;
  private final BenchSettings settings;

  /** A run; {@code conf} says how paths are reached. */
  public Bench(Configuration conf, BenchSettings settings) {
    this.conf = conf;
    this.settings = settings;
  }

  /**
   * Measures and writes the rows.
   *
   * @throws OctavoException if a bundle can't be read
   */
  public BenchResult execute() throws IOException {
    Engine.start(settings.threads());
    List<LoadedProgram> loaded = new ArrayList<>();
    try {
      List<Subject> subjects = new ArrayList<>();
      for (Path path : settings.models()) {
        ModelBundle bundle = ModelBundle.open(conf, path);
        for (Precision precision :
            bundle.quantized() ? List.of(Precision.INT8) : settings.precisions()) {
          LoadedProgram program = bundle.load(conf, precision);
          loaded.add(program);
          subjects.add(
              new Subject(
                  path.getName(),
                  precision.id(),
                  bundle.imageSize(),
                  pixels -> program.run("forward", pixels)));
        }
      }
      // libtorch keeps the threads it was started with, by whoever was first in this JVM.
      Machine machine = new Machine(Engine.threads(), CpuFeatures.current().names());
      List<BenchRow> rows =
          new AlternatingBenchmark(settings.perModel())
              .measure(subjects, settings.batchSizes(), machine);
      try (OutputStream out = settings.out().getFileSystem(conf).create(settings.out(), true)) {
        out.write(BenchResult.toJson(rows).getBytes(StandardCharsets.UTF_8));
      }
      return new BenchResult(settings.out(), rows);
    } finally {
      loaded.forEach(LoadedProgram::close);
    }
  }
}
