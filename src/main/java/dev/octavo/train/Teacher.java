package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.program.Precision;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A model that teaches, as workers get to know it: each loads its program for inference, which sees
 * the same varied pixels as the student.
 *
 * @param bundle the model's directory
 * @param id of its manifest
 * @param precision that it computes in
 */
record Teacher(String bundle, String id, Precision precision) implements Serializable {
  /**
   * That of the settings; empty if there is none.
   *
   * @param classes of the data
   * @param precision of the training, which a float model takes over
   * @throws OctavoException if it knows other classes
   */
  static Optional<Teacher> open(
      Configuration conf, TrainSettings settings, List<String> classes, Precision precision)
      throws IOException {
    if (settings.teacher().isEmpty()) {
      return Optional.empty();
    }
    ModelBundle model = ModelBundle.open(conf, settings.teacher().get().bundle());
    if (!model.classes().equals(classes)) {
      throw new OctavoException(
          "the teacher %s knows other classes than the dataset %s has: give a model of these classes as --teacher, one that was trained on them"
              .formatted(model.directory(), settings.data()));
    }
    return Optional.of(
        new Teacher(
            model.directory().toString(), model.manifest().id(), model.precision(precision)));
  }

  /** The entries of the manifest. */
  Map<String, Object> settings(TeacherSettings settings) {
    Map<String, Object> entries = new TreeMap<>();
    RecordEntries.of(settings).forEach((key, value) -> entries.put("teacher." + key, value));
    entries.put("teacher.id", id);
    entries.put("teacher.precision", precision.id());
    return entries;
  }

  /** Loads its program on a worker. */
  InferenceProgram load(Configuration conf, int batchSize) throws IOException {
    ModelBundle model = ModelBundle.open(conf, new Path(bundle));
    return new ProgramLoader(model, conf, CpuPolicy.ADAPT).load(precision, batchSize);
  }
}
