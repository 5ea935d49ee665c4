package dev.octavo.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ScoresManifestTest {
  private static final Path DIRECTORY = new Path("/scores");

  static Stream<InputSource> sources() {
    return Stream.of(
        new InputSource.Folder(new Path("file:/photos")),
        new InputSource.Split(new Path("/data"), "test"),
        new InputSource.PathList(new Path("/list.txt"), "path"),
        new InputSource.Table("db.t", "delta", "image", "name", Optional.empty()),
        new InputSource.Table("db.t", "delta", "image", "name", Optional.of("room")));
  }

  private static ScoresManifest of(InputSource source) {
    Outputs outputs = new Outputs(5, true, false, 0.5, Outputs.Views.FLIP);
    return new ScoresManifest(
        List.of("/m", "/m-int8"),
        source,
        outputs,
        Precision.FP32,
        DecodeLimits.DEFAULT,
        Optional.empty());
  }

  private static ScoresManifest read(Map<String, Object> settings) {
    Manifest written = Manifest.of(Scores.KIND, Map.of(), settings, Map.of());
    return ScoresManifest.read(Manifest.fromJson(written.toJson(), "test"), DIRECTORY);
  }

  @ParameterizedTest
  @MethodSource("sources")
  void readsWhatWasWritten(InputSource source) {
    assertThat(read(RecordEntries.of(of(source)))).isEqualTo(of(source));
  }

  @Test
  void saysWhichSourceItWas() {
    assertThat(RecordEntries.of(of(new InputSource.PathList(new Path("/l"), "p"))))
        .containsEntry("source.kind", "path-list")
        .containsEntry("source.list", "/l")
        .containsEntry("source.pathColumn", "p")
        .containsEntry("outputs.topK", 5)
        .containsEntry("outputs.views", "flip")
        .containsEntry("precision", "fp32");
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("source.kind", "tape", "one of folder, path-list, split, table"),
        Arguments.of("source.kind", 7, "one of folder, path-list, split, table"),
        Arguments.of("source.directory", null, "a path"),
        Arguments.of("source.directory", "", "a path"),
        Arguments.of("outputs.topK", 0, "at least 1"),
        Arguments.of("outputs.topK", 1L << 40, "a whole number below 2^31"),
        Arguments.of("outputs.minConfidence", 1.5, "a probability from 0 to 1"),
        Arguments.of("outputs.views", "ten", "one of one, flip"),
        Arguments.of("precision", "int4", "one of portable, fp32, bf16, int8"),
        Arguments.of("limits.maxPixels", -1, "from 1 to 715827879"),
        Arguments.of("models", List.of(), "a list of one model or more"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void namesAnEntryThatCanNotBe(String key, Object value, String rule) {
    Map<String, Object> settings =
        new TreeMap<>(RecordEntries.of(of(new InputSource.Folder(new Path("/photos")))));
    settings.remove(key);
    if (value != null) {
      settings.put(key, value);
    }
    assertThatThrownBy(() -> read(settings))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("/scores/manifest.json: '%s' is ".formatted(key))
        .hasMessageEndingWith("but must be " + rule);
  }
}
