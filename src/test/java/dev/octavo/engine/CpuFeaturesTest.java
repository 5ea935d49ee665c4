package dev.octavo.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuFeaturesTest {
  private static final String SAPPHIRE_RAPIDS =
      """
      processor\t: 0
      flags\t\t: fpu sse4_2 avx2 avx512f avx512bw avx512_bf16 avx512_vnni avx_vnni amx_bf16 amx_tile amx_int8

      processor\t: 1
      flags\t\t: none
      """;

  @Test
  void namesWhatMattersWeakestFirst() {
    assertThat(CpuFeatures.parse(SAPPHIRE_RAPIDS, null))
        .hasToString("avx2 avx_vnni avx512f avx512_vnni avx512_bf16 amx_bf16 amx_int8");
  }

  @ParameterizedTest
  @CsvSource({
    "AVX512_CORE_AMX, true, avx2 avx_vnni avx512f avx512_vnni avx512_bf16 amx_bf16 amx_int8",
    "AVX512_CORE_BF16, true, avx2 avx_vnni avx512f avx512_vnni avx512_bf16",
    "AVX512_CORE_VNNI, true, avx2 avx_vnni avx512f avx512_vnni",
    "AVX512_CORE, false, avx2 avx512f",
    "AVX2_VNNI, true, avx2 avx_vnni",
    "avx2, false, avx2",
    "AVX, false, amd64",
  })
  void hidesWhatOneDnnIsToldNotToUse(String limit, boolean exact, String names) {
    CpuFeatures features = CpuFeatures.parse(SAPPHIRE_RAPIDS, limit);
    assertThat(features).hasToString("amd64".equals(names) ? System.getProperty("os.arch") : names);
    assertThat(features.sumsBytesExactly()).isEqualTo(exact);
  }
}
