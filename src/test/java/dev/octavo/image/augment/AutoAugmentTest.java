package dev.octavo.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.image.Preprocess;
import dev.octavo.image.augment.Augmentation.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is drawn, told by the images that come out. */
final class AutoAugmentTest {
  private static final int DRAWS = 20_000;

  @Test
  void trivialAugmentDrawsOneOperationOfAnyMagnitude() {
    Set<String> possible = new HashSet<>();
    for (int bin = 0; bin < AutoAugment.BINS; bin++) {
      for (UnaryOperator<Canvas> operation : operations(Policy.TRIVIAL, bin)) {
        possible.add(AugmentOpTest.hash(operation.apply(canvas())));
      }
    }
    // The least likely image is expected 23 times.
    assertThat(draw(Policy.TRIVIAL).keySet()).isEqualTo(possible);
  }

  @Test
  void randAugmentDrawsTwoOperationsOfOneMagnitude() {
    Set<String> possible = new HashSet<>();
    for (UnaryOperator<Canvas> first : operations(Policy.RAND, 9)) {
      for (UnaryOperator<Canvas> second : operations(Policy.RAND, 9)) {
        Canvas once = first.apply(canvas());
        possible.add(AugmentOpTest.hash(second.apply(once)));
      }
    }
    // The least likely image is expected 25 times.
    assertThat(draw(Policy.RAND).keySet()).isEqualTo(possible);
  }

  @Test
  void operationsAndSignsAreEquallyLikely() {
    Map<String, Integer> drawn = draw(Policy.TRIVIAL);
    double perOperation = DRAWS / 14.0;
    assertCount(times(drawn, AugmentOp.AUTOCONTRAST, 0), perOperation);
    assertCount(times(drawn, AugmentOp.EQUALIZE, 0), perOperation);
    int right = 0;
    int left = 0;
    for (int bin = 1; bin < AutoAugment.BINS; bin++) {
      double degrees = AutoAugment.magnitude(Policy.TRIVIAL, AugmentOp.ROTATE, bin, canvas());
      left += times(drawn, AugmentOp.ROTATE, degrees);
      right += times(drawn, AugmentOp.ROTATE, -degrees);
    }
    double perSign = perOperation * 30 / 31 / 2;
    assertCount(left, perSign);
    assertCount(right, perSign);
  }

  /** Within four standard deviations. */
  private static void assertCount(int times, double expected) {
    assertThat((double) times).isCloseTo(expected, within(4 * Math.sqrt(expected)));
  }

  @Test
  void noPolicyChangesNothing() {
    assertThat(draw(Policy.NONE)).containsOnlyKeys(AugmentOpTest.hash(canvas()));
  }

  private static Canvas canvas() {
    return AugmentOpTest.muted(34, 34);
  }

  private static int times(Map<String, Integer> drawn, AugmentOp op, double magnitude) {
    Canvas canvas = canvas();
    op.apply(canvas, magnitude);
    return drawn.getOrDefault(AugmentOpTest.hash(canvas), 0);
  }

  /** How often each result was drawn. */
  private static Map<String, Integer> draw(Policy policy) {
    Map<String, Integer> results = new HashMap<>();
    byte[] image = canvas().pixels();
    Canvas canvas = canvas();
    for (int seed = 0; seed < DRAWS; seed++) {
      canvas.writer().put(image);
      AutoAugment.apply(policy, canvas, new SplitMix(Preprocess.sampleSeed(seed, 0, "a")));
      results.merge(AugmentOpTest.hash(canvas), 1, Integer::sum);
    }
    return results;
  }

  private static List<UnaryOperator<Canvas>> operations(Policy policy, int bin) {
    List<UnaryOperator<Canvas>> operations = new ArrayList<>();
    for (AugmentOp op : AugmentOp.values()) {
      for (int sign = 1; sign >= (op.signed() ? -1 : 1); sign -= 2) {
        int by = sign;
        operations.add(
            canvas -> {
              op.apply(canvas, by * AutoAugment.magnitude(policy, op, bin, canvas));
              return canvas;
            });
      }
    }
    return operations;
  }
}
