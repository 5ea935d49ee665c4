package dev.octavo.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTopologyTest {
  private static final String EPYC =
      """
      vendor_id\t: AuthenticAMD
      flags\t\t: fpu cmp_legacy topoext avx2 avx512f
      """;

  @TempDir Path cpu;

  @Test
  void anAmdCpuWithoutListedCachesHidesThem() throws IOException {
    assertThat(CacheTopology.isHidden(EPYC, cpu)).isTrue();
    Files.createDirectories(cpu.resolve("cache/index0"));
    assertThat(CacheTopology.isHidden(EPYC, cpu)).isFalse();
  }

  @Test
  void soDoesOneWithoutExtendedTopologyWhateverLinuxGuesses() throws IOException {
    Files.createDirectories(cpu.resolve("cache/index0"));
    assertThat(CacheTopology.isHidden(EPYC.replace("topoext ", ""), cpu)).isTrue();
    assertThat(CacheTopology.isHidden(EPYC.replace("topoext ", "topoextra "), cpu)).isTrue();
  }

  @Test
  void whereLinuxShowsNoCpusTheFlagDecides() throws IOException {
    Path none = cpu.resolve("none");
    assertThat(CacheTopology.isHidden(EPYC, none)).isFalse();
  }

  @Test
  void oneDnnGuessesTheCachesOfOtherCpus() throws IOException {
    assertThat(CacheTopology.isHidden(EPYC.replace("AuthenticAMD", "GenuineIntel"), cpu)).isFalse();
    assertThat(CacheTopology.isHidden("Features\t: asimd\n", cpu)).isFalse();
  }
}
