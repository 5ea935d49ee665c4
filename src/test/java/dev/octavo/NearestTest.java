package dev.octavo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class NearestTest {
  @Test
  void findsASwappedLetterAndAMissingOne() {
    List<String> known = List.of("--batch-size", "--image-size", "--epochs");
    assertThat(Nearest.to("--bacth-size", known)).contains("--batch-size");
    assertThat(Nearest.to("--epoch", known)).contains("--epochs");
  }

  @Test
  void findsNothingWhereNothingIsNear() {
    assertThat(Nearest.to("--colour", List.of("--batch-size"))).isEmpty();
  }

  @Property(tries = 200)
  void editsAreSymmetricAndZeroOnlyForEqualNames(
      @ForAll @AlphaChars @StringLength(max = 12) String a,
      @ForAll @AlphaChars @StringLength(max = 12) String b) {
    assertThat(Nearest.edits(a, b)).isEqualTo(Nearest.edits(b, a));
    assertThat(Nearest.edits(a, b) == 0).isEqualTo(a.equals(b));
  }
}
