package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.OctavoException;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What holds for every state dict and for every damage. */
class WeightFileProperties {
  private static Path file;

  @BeforeContainer
  static void makeFile() throws IOException {
    file = Files.createTempFile("octavo-weights", ".bin");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 300)
  void aStateDictComesBackFromAPth(@ForAll("stateDicts") StateDict state) throws IOException {
    WeightFiles.writePth(state, file);
    StateDict back = WeightFiles.read(file);
    assertThat(back).isEqualTo(state);
    assertThat(back.names()).containsExactlyElementsOf(state.names());
  }

  @Property(tries = 300)
  void aStateDictComesBackFromSafetensors(@ForAll("stateDicts") StateDict state)
      throws IOException {
    WeightFiles.writeSafetensors(state, file);
    StateDict back = WeightFiles.read(file);
    assertThat(back).isEqualTo(state);
    assertThat(back.names()).containsExactlyElementsOf(state.names());
  }

  @Property(tries = 2000)
  void damageIsRefusedOrHarmless(
      @ForAll("fixtures") String fixture,
      @ForAll @IntRange(min = 1, max = 8) int changes,
      @ForAll long seed)
      throws IOException {
    byte[] bytes = Files.readAllBytes(WeightFilesTest.fixture(fixture));
    Random random = new Random(seed);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    Files.write(file, bytes);
    try {
      // Whatever was changed, no tensor ends up larger or smaller than its own shape.
      assertThat(WeightFiles.read(file).tensors().values())
          .allSatisfy(
              t ->
                  assertThat((long) t.bytes().remaining())
                      .isEqualTo(Tensor.elements(t.shape()) * t.dtype().bytes()));
    } catch (OctavoException e) {
      assertThat(e).hasMessageStartingWith("cannot read weights from " + file);
    }
  }

  @Provide
  static Arbitrary<String> fixtures() {
    return Arbitraries.of("tensors.pth", "checkpoint.pth", "script.pt");
  }

  @Provide
  static Arbitrary<StateDict> stateDicts() {
    // None of these letters makes a prefix or a key that reading takes off.
    Arbitrary<String> names =
        Arbitraries.strings().withChars("abc01._ü字").ofMinLength(1).ofMaxLength(12);
    return Arbitraries.maps(names, tensors()).ofMaxSize(5).map(WeightFileProperties::ordered);
  }

  private static StateDict ordered(Map<String, Tensor> tensors) {
    return new StateDict(new LinkedHashMap<>(tensors));
  }

  private static Arbitrary<Tensor> tensors() {
    Arbitrary<List<Integer>> shapes = Arbitraries.integers().between(0, 5).list().ofMaxSize(4);
    return Combinators.combine(Arbitraries.of(DType.class), shapes, Arbitraries.longs())
        .as(
            (dtype, dimensions, seed) -> {
              long[] shape = dimensions.stream().mapToLong(Integer::longValue).toArray();
              byte[] bytes = new byte[(int) Tensor.elements(shape) * dtype.bytes()];
              new Random(seed).nextBytes(bytes);
              return Tensor.of(dtype, shape, ByteBuffer.wrap(bytes));
            });
  }
}
