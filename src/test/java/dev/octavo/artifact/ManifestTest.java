package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
  private static final Manifest MANIFEST =
      ManifestBuilder.builder()
          .kind("model")
          .createdAt("2026-11-23T10:00:00Z")
          .parents(Map.of("data", "sha256:0123"))
          .settings(Map.of("seed", 17, "network", "resnet50", "classes", List.of("bar", "attic")))
          .figures(Map.of("modelBytes", 94_900_000L, "valTop1", 0.825))
          .files(Map.of("model.pt", new FileRecord(94_900_000L, "ab".repeat(32))))
          .platform(
              PlatformBuilder.builder()
                  .octavo("0.1.0")
                  .java("17.0.15+6")
                  .spark("3.5.9")
                  .djl("0.36.0")
                  .libtorch("2.7.1-20250812")
                  .os("Linux amd64")
                  .cores(2)
                  .cpu(List.of("avx2", "avx_vnni"))
                  .build())
          .build();

  @Test
  void itsJsonIsPinnedToTheLetter() {
    assertThat(MANIFEST.toJson())
        .isEqualTo(
            """
            {
              "kind" : "model",
              "createdAt" : "2026-11-23T10:00:00Z",
              "parents" : {
                "data" : "sha256:0123"
              },
              "settings" : {
                "classes" : [ "bar", "attic" ],
                "network" : "resnet50",
                "seed" : 17
              },
              "figures" : {
                "modelBytes" : 94900000,
                "valTop1" : 0.825
              },
              "files" : {
                "model.pt" : {
                  "bytes" : 94900000,
                  "sha256" : "abababababababababababababababababababababababababababababababab"
                }
              },
              "platform" : {
                "octavo" : "0.1.0",
                "java" : "17.0.15+6",
                "spark" : "3.5.9",
                "djl" : "0.36.0",
                "libtorch" : "2.7.1-20250812",
                "os" : "Linux amd64",
                "cores" : 2,
                "cpu" : [ "avx2", "avx_vnni" ]
              },
              "id" : "sha256:e3a098ef805b0434333206942457c7a77aeedcb1c033b4fdd6376299bf83a74d"
            }
            """);
  }

  @Test
  void survivesReadingBackWithItsHash() {
    Manifest back = Manifest.fromJson(MANIFEST.toJson(), "here/manifest.json");
    assertThat(back.toJson()).isEqualTo(MANIFEST.toJson());
    assertThat(back.id()).isEqualTo(MANIFEST.id()).startsWith("sha256:").hasSize(7 + 64);
  }

  @Test
  void namesTheFileThatIsNoManifest() {
    assertThatThrownBy(() -> Manifest.fromJson("{\"kind\": 3}", "here/manifest.json"))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("here/manifest.json");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"seed\" : 17', '\"seed\" : 18'",
    "'0.825', '0.826'",
    "'94900000', '94900001'",
    "'\"cores\" : 2', '\"cores\" : 4'",
    "'sha256:0123', 'sha256:0124'",
  })
  void whatWasAlteredIsRefused(String before, String after) {
    String altered = MANIFEST.toJson().replace(before, after);
    assertThat(altered).isNotEqualTo(MANIFEST.toJson());
    assertThatThrownBy(() -> Manifest.fromJson(altered, "here/manifest.json"))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "here/manifest.json was altered or damaged since it was written (its id is not that of"
                + " its content): copy the artifact again, or recreate it");
  }

  @Test
  void aFileWithoutARecordIsRefused() {
    String json = MANIFEST.toJson().replaceAll("(?s)(\"model.pt\" : )\\{.*?\\}", "$1null");
    assertThat(json).contains("\"model.pt\" : null");
    assertThatThrownBy(() -> Manifest.fromJson(json, "here/manifest.json"))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("here/manifest.json is not a manifest");
  }

  @Test
  void mutatedBytesAreRefusedInOneLine() {
    Random random = new Random(11);
    byte[] whole = MANIFEST.toJson().getBytes(StandardCharsets.UTF_8);
    for (int trial = 0; trial < 2000; trial++) {
      byte[] bytes = whole.clone();
      int at = random.nextInt(bytes.length);
      bytes[at] = (byte) (bytes[at] ^ 1 << random.nextInt(8));
      String json = new String(bytes, StandardCharsets.UTF_8);
      try {
        Manifest.fromJson(json, "here/manifest.json");
        // Blanks between tokens mean nothing.
        assertThat(json.replaceAll("\\s", "")).isEqualTo(MANIFEST.toJson().replaceAll("\\s", ""));
      } catch (OctavoException e) {
        assertThat(e.getMessage()).startsWith("here/manifest.json ").doesNotContain("\n");
      }
    }
  }
}
