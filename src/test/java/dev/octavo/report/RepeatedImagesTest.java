package dev.octavo.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.octavo.dataset.NearDuplicates;
import dev.octavo.dataset.NearDuplicates.Image;
import dev.octavo.report.RepeatedImages.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class RepeatedImagesTest {
  private static Image image(String split, String path, String bytes, long hash) {
    return new Image(split, path, path.replaceAll("/.*", ""), bytes, hash);
  }

  @Test
  void findsTheSameBytesAndHashesThatDifferInFewBits() {
    long hash = 0x0123456789abcdefL;
    RepeatedImages repeated =
        RepeatedImages.among(
            List.of(
                image("test", "bar/1", "a", hash),
                image("test", "bar/2", "b", ~hash),
                image("test", "bar/3", "c", 0),
                image("train", "bar/4", "d", hash ^ 0x8000_0000_0001_0001L),
                image("train", "gym/5", "a", hash),
                image("val", "bar/6", "e", hash ^ 0xfL),
                image("val", "bar/7", "f", 0)),
            "test");
    assertThat(repeated.pairs())
        .extracting(Pair::bits, pair -> pair.scored().path(), pair -> pair.other().path())
        .containsExactly(tuple(-1, "bar/1", "gym/5"), tuple(3, "bar/1", "bar/4"));
    assertThat(repeated.pairs().get(0).contradicts()).isTrue();
    assertThat(repeated.pairs().get(1).contradicts()).isFalse();
    assertThat(repeated.trainedOn()).containsExactly("bar/1");
    assertThat(repeated.count()).isEqualTo(2);
  }

  /** Searching quarters misses no pair that comparing each with each finds. */
  @Test
  void findsWhatComparingAllFinds() {
    Random random = new Random(17);
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      long hash = random.nextLong();
      images.add(image("test", "a/" + i, "test" + i, hash));
      long changed = hash;
      for (int bit = 0; bit < i % 7; bit++) {
        changed ^= 1L << random.nextInt(64);
      }
      images.add(image("train", "b/" + i, "train" + i, changed));
    }
    Set<String> expected = new TreeSet<>();
    for (Image a : images) {
      for (Image b : images) {
        if (a.split().equals("test")
            && b.split().equals("train")
            && Long.bitCount(a.phash() ^ b.phash()) <= NearDuplicates.MOST_BITS) {
          expected.add(a.path() + b.path());
        }
      }
    }
    assertThat(expected).hasSizeGreaterThan(30);
    assertThat(RepeatedImages.among(images, "test").pairs())
        .extracting(pair -> pair.scored().path() + pair.other().path())
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  /** A placeholder that stands for thousands of images is no work for each pair of them. */
  @Test
  void countsTheFirstOfManyEqualImages() {
    int placeholders = 20_000;
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < placeholders; i++) {
      images.add(image("test", "a/" + i, "same", 1));
      images.add(image("train", "b/" + i, "same", 1));
    }
    RepeatedImages repeated = RepeatedImages.among(images, "test");
    assertThat(repeated.count()).isEqualTo(placeholders * (long) RepeatedImages.MOST_EQUAL);
    assertThat(repeated.trainedOn()).hasSize(placeholders);
  }
}
