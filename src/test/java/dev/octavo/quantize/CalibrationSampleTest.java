package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CalibrationSampleTest {
  private static final Map<String, String> LABELS = new HashMap<>();

  static {
    Map.of("bar", 100, "attic", 30, "cellar", 2)
        .forEach(
            (label, n) -> {
              for (int i = 0; i < n; i++) {
                LABELS.put(label + "/" + i + ".jpg", label);
              }
            });
  }

  @Test
  void takesTheSameFromEachClassAsFarAsItLasts() {
    List<String> paths = CalibrationSample.choose(LABELS, 42, 17).paths();
    Map<String, Long> perClass =
        paths.stream().collect(Collectors.groupingBy(LABELS::get, Collectors.counting()));
    assertThat(perClass).isEqualTo(Map.of("attic", 20L, "bar", 20L, "cellar", 2L));
    assertThat(paths).doesNotHaveDuplicates();
  }

  @Test
  void isAFunctionOfSeedAndPathsAlone() {
    CalibrationSample sample = CalibrationSample.choose(LABELS, 20, 17);
    assertThat(CalibrationSample.choose(new HashMap<>(LABELS), 20, 17)).isEqualTo(sample);
    assertThat(CalibrationSample.choose(LABELS, 20, 18)).isNotEqualTo(sample);
    assertThat(CalibrationSample.choose(LABELS, 20, 18).id()).isNotEqualTo(sample.id());
  }

  @Test
  void takesEverythingWhenThereIsLessThanAskedFor() {
    assertThat(CalibrationSample.choose(LABELS, 1000, 17).paths()).hasSize(132);
  }
}
