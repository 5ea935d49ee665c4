package dev.octavo.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.dataset.NearDuplicates.Image;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NearDuplicatesTest {
  private static final long HASH = 0x0123_4567_89ab_cdefL;

  private static Image image(String path, String bytes, long hash) {
    return new Image("train", path, null, bytes, hash);
  }

  private static Map<String, Integer> of(NearDuplicates search, Image image) {
    Map<String, Integer> found = new HashMap<>();
    search.of(image, (other, bits) -> found.put(other.path(), bits));
    return found;
  }

  @Test
  void threeBitsAreNearlyTheSame() {
    NearDuplicates search = new NearDuplicates(Integer.MAX_VALUE);
    search.add(image("equal", "a", HASH));
    search.add(image("re-encoded", "b", HASH));
    search.add(image("near", "c", HASH ^ 0x8000_0001_0000_0001L));
    search.add(image("apart", "d", HASH ^ 0x8000_0001_0001_0001L));
    search.add(image("of one colour", "e", 0));
    assertThat(of(search, image("it", "a", HASH)))
        .isEqualTo(Map.of("equal", NearDuplicates.SAME_BYTES, "re-encoded", 0, "near", 3));
    assertThat(of(search, image("white", "f", 0))).isEmpty();
  }

  @Test
  void ofEqualImagesTheFirstOnesAreFound() {
    NearDuplicates search = new NearDuplicates(2);
    for (int i = 0; i < 5; i++) {
      search.add(image("placeholder" + i, "a", HASH));
    }
    search.add(image("re-encoded", "b", HASH));
    search.add(image("near", "c", HASH ^ 1));
    search.add(new Image("val", "of another split", null, "a", HASH));
    assertThat(of(search, image("it", "a", HASH)))
        .isEqualTo(
            Map.of(
                "placeholder0", NearDuplicates.SAME_BYTES,
                "placeholder1", NearDuplicates.SAME_BYTES,
                "near", 1,
                "of another split", NearDuplicates.SAME_BYTES));
  }
}
