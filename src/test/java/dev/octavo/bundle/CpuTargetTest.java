package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.program.Int8Operators;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuTargetTest {
  @ParameterizedTest
  @CsvSource({
    "avx2,                                  AVX2",
    "avx2 avx512f,                          AVX2",
    "avx2 avx_vnni,                         VNNI",
    "avx2 avx512f avx512_vnni avx512_bf16,  VNNI",
    "avx2 avx512f avx512_vnni amx_int8,     AMX"
  })
  void theBestForAnX86Cpu(String features, CpuTarget target) {
    assertThat(CpuTarget.of(CpuFeatures.of(features))).isEqualTo(target);
  }

  @Test
  void onlyTargetsThatSumExactlyHaveFullRangeWeights() {
    assertThat(Arrays.stream(CpuTarget.values()).filter(CpuTarget::isFullRange))
        .containsExactly(CpuTarget.AMX, CpuTarget.VNNI);
    assertThat(CpuTarget.AVX2.weightBits()).isEqualTo(7);
  }

  @Test
  void portableAloneAvoidsOneDnn() {
    assertThat(
            List.of(CpuTarget.values()).stream()
                .filter(t -> t.operators() == Int8Operators.PORTABLE))
        .containsExactly(CpuTarget.PORTABLE);
  }
}
