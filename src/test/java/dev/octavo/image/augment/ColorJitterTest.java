package dev.octavo.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.image.augment.ColorJitter.Adjustment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ColorJitterTest {

  @Test
  void adjustsInAnyOrder() {
    Map<List<Adjustment>, Integer> orders = new HashMap<>();
    for (int seed = 0; seed < 2400; seed++) {
      orders.merge(List.of(ColorJitter.shuffled(new SplitMix(seed))), 1, Integer::sum);
    }
    assertThat(orders).hasSize(24);
    assertThat(orders.values()).allSatisfy(times -> assertThat(times).isBetween(60, 140));
  }

  @Test
  void brightnessIsUniformAroundOne() {
    // Of a plain grey image, contrast, saturation and hue change nothing.
    int[] levels = new int[4000];
    for (int seed = 0; seed < levels.length; seed++) {
      Canvas canvas = plain(100, 100, 100);
      new ColorJitter(0.4).apply(canvas, new SplitMix(seed));
      levels[seed] = canvas.pixels()[0] & 0xff;
      assertThat(canvas.pixels()).containsOnly((byte) levels[seed]);
    }
    assertThat(Arrays.stream(levels).min()).hasValue(60);
    assertThat(Arrays.stream(levels).max()).hasValue(139);
    // The fraction is cut off, so the mean lies half a level below 100.
    assertThat(Arrays.stream(levels).average().orElseThrow()).isCloseTo(99.5, within(1.5));
  }

  @Test
  void theLowestFactorIsNotBelowZero() {
    int black = 0;
    for (int seed = 0; seed < 1000; seed++) {
      Canvas canvas = plain(100, 100, 100);
      new ColorJitter(2).apply(canvas, new SplitMix(seed));
      black += canvas.pixels()[0] == 0 ? 1 : 0;
    }
    // Factors from 0 to 3: one of 300 is below 0.01. From -1 to 3, it would be every fourth.
    assertThat(black).isLessThan(20);
  }

  @Test
  void hueTurnsByAtMostAQuarterOfTheStrength() {
    // Red turned by up to 0.1 of the circle stays between magenta-red and orange.
    boolean greenish = false;
    boolean bluish = false;
    for (int seed = 0; seed < 1000; seed++) {
      Canvas canvas = plain(200, 0, 0);
      new ColorJitter(0.4).apply(canvas, new SplitMix(seed));
      int red = canvas.pixels()[0] & 0xff;
      int green = canvas.pixels()[1] & 0xff;
      int blue = canvas.pixels()[2] & 0xff;
      assertThat(red).isGreaterThan(Math.max(green, blue));
      greenish |= green > blue;
      bluish |= blue > green;
    }
    assertThat(greenish && bluish).as("turns both ways").isTrue();
  }

  @Test
  void strengthZeroChangesNothing() {
    Canvas canvas = plain(1, 2, 3);
    new ColorJitter(0).apply(canvas, new SplitMix(1));
    assertThat(canvas.pixels()).startsWith(1, 2, 3);
  }

  private static Canvas plain(int red, int green, int blue) {
    Canvas canvas = new Canvas(2, 2);
    for (int i = 0; i < 4; i++) {
      canvas.pixels()[3 * i] = (byte) red;
      canvas.pixels()[3 * i + 1] = (byte) green;
      canvas.pixels()[3 * i + 2] = (byte) blue;
    }
    return canvas;
  }
}
