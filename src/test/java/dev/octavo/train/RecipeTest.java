package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.program.TrainProgram.BatchNorm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
  private static final SgdSettings SGD = new SgdSettings(0.1, 1, 0.9, 1e-4);

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new Recipe(4, 8, 224, SGD, 4, 0, BatchNorm.LOCAL, 1))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("the number of warm-up epochs can't be 4.0");
    assertThatThrownBy(() -> new Recipe(4, 0, 224, SGD, 0, 0, BatchNorm.LOCAL, 1))
        .hasMessage("the batch size can't be 0");
    assertThatThrownBy(() -> new SgdSettings(Double.NaN, 1, 0.9, 0))
        .hasMessage("the learning rate can't be NaN");
    assertThatThrownBy(() -> new SgdSettings(0.1, 1, 1, 0)).hasMessage("the momentum can't be 1.0");
  }

  @Test
  void warmsUpThenFollowsACosine() {
    LearningRateSchedule schedule = LearningRateSchedule.cosine(2, 10);
    assertThat(schedule.factor(0)).isEqualTo(1e-3);
    assertThat(schedule.factor(1)).isEqualTo(0.5);
    assertThat(schedule.factor(2)).isEqualTo(1);
    assertThat(schedule.factor(6)).isEqualTo(0.5, within(1e-12));
    assertThat(schedule.factor(10)).isEqualTo(0, within(1e-12));
    assertThat(LearningRateSchedule.cosine(0, 1).factor(0)).isEqualTo(1);
  }

  @Test
  void writesTheHistoryAsTheContractHasIt() {
    Epoch epoch = new Epoch(1, 1.5, 0.25, Double.NaN, Double.NaN, 12.3456, 1000, 50.5, 0.25);
    assertThat(Epoch.csv(List.of(epoch)))
        .isEqualTo(
            """
            epoch,train_loss,train_top1,val_loss,val_top1,images_per_second,compute_ms,communication_ms,wait_ms
            1,1.500000,0.250000,NaN,NaN,12.346,1000.000,50.500,0.250
            """);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void findsASingleValueThatIsNotFinite(float value) {
    float[] floats = new float[40_001];
    floats[0] = -Float.MAX_VALUE;
    floats[1] = Float.MIN_VALUE;
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(floats.length * Float.BYTES).order(ByteOrder.nativeOrder());
    assertThat(Finite.all(floats)).isTrue();
    assertThat(Finite.all(fill(buffer, floats))).isTrue();
    floats[40_000] = value;
    assertThat(Finite.all(floats)).isFalse();
    assertThat(Finite.all(fill(buffer, floats))).isFalse();
  }

  private static ByteBuffer fill(ByteBuffer buffer, float[] floats) {
    buffer.asFloatBuffer().put(floats);
    return buffer;
  }
}
