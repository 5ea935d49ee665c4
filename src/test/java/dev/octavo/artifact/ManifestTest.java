package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final Manifest MANIFEST =
      new Manifest(
          "model",
          "2026-11-23T10:00:00Z",
          Map.of("data", "sha256:0123"),
          Map.of("seed", 17, "network", "resnet50", "classes", List.of("bar", "attic")),
          Map.of("modelBytes", 94_900_000L, "valTop1", 0.825),
          new Platform("0.1.0", "17.0.15+6", "3.5.6", "Linux amd64", 2));

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
              "platform" : {
                "octavo" : "0.1.0",
                "java" : "17.0.15+6",
                "spark" : "3.5.6",
                "os" : "Linux amd64",
                "cores" : 2
              }
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
}
