package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.SplitMix;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.program.AllKinds;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.PortableProgram;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From the bytes of image files to logits, as scoring does it, against torchvision's transforms and
 * networks. {@code make_golden.py} beside {@code golden.json} has made the images and the logits.
 */
class GoldenNetworksTest {
  private static final int CLASSES = 5;
  private static final double TOLERANCE = 3e-5;
  private static final JsonNode GOLDEN = golden();
  private static final int SIZE = GOLDEN.get("imageSize").asInt();
  private static final Preprocessing RULE = Preprocessing.ofSize(SIZE);

  private Batch batch;

  private static JsonNode golden() {
    try (InputStream json = GoldenNetworksTest.class.getResourceAsStream("golden.json")) {
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Iterator<String> networks() {
    return GOLDEN.get("logits").fieldNames();
  }

  private static List<String> files() {
    List<String> names = new ArrayList<>();
    GOLDEN.get("pixels").fieldNames().forEachRemaining(names::add);
    return names;
  }

  @BeforeEach
  void decodeTheImages() throws IOException {
    List<ImageItem.Loaded> images = new ArrayList<>();
    for (String file : files()) {
      try (InputStream in = GoldenNetworksTest.class.getResourceAsStream(file)) {
        images.add(new ImageItem.Bytes(in.readAllBytes()));
      }
    }
    batch =
        new Batch(images.size(), Set.of(RULE), 1, DecodeLimits.DEFAULT, InferencePlan.DECODE_TIME);
    batch.add(images);
    assertThat(batch.rows()).isEqualTo(images.size());
  }

  @AfterEach
  void close() {
    batch.close();
  }

  @Test
  void pixelsAreThoseOfTorchvisionToTheBit() {
    List<String> files = files();
    for (int i = 0; i < files.size(); i++) {
      CRC32 crc = new CRC32();
      crc.update(batch.pixels(RULE).bytes().slice(i * 3 * SIZE * SIZE, 3 * SIZE * SIZE));
      assertThat(crc.getValue())
          .as(files.get(i))
          .isEqualTo(GOLDEN.get("pixels").get(files.get(i)).asLong());
    }
  }

  static List<Architecture> all() {
    return Architectures.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyNetworkHasTorchvisionsNamesShapesAndTransforms(Architecture architecture) {
    JsonNode golden = GOLDEN.get("networks").get(architecture.id());
    StringBuilder lines = new StringBuilder();
    architecture
        .network(CLASSES)
        .stateShapes()
        .forEach(
            (name, shape) ->
                lines.append(name).append(' ').append(Arrays.toString(shape)).append('\n'));
    CRC32 crc = new CRC32();
    crc.update(lines.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(crc.getValue()).as(lines.toString()).isEqualTo(golden.get("state").asLong());
    Preprocessing own = architecture.preprocessing();
    assertThat(
            List.of(
                own.resizeSize(),
                own.cropSize(),
                own.interpolation(),
                own.normalization().mean(),
                own.normalization().std()))
        .hasToString(golden.get("preprocessing").toString().replace("\"", "").replace(",", ", "));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void thePortableProgramGivesTheLogitsOfPyTorch(String id) throws IOException {
    Network network = network(id);
    StateDict weights = weights(network);
    assertGolden(id, out -> PortableProgram.write(network, weights, Normalization.IMAGENET, out));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theFusedProgramGivesTheLogitsOfPyTorch(String id) throws IOException {
    Network network = network(id);
    FoldedNetwork folded = FoldedNetwork.of(network, weights(network), Normalization.IMAGENET);
    InputShape shape = new InputShape((int) images(id).shape()[1], batch.rows());
    assertGolden(id, out -> FusedProgram.write(folded, shape, Precision.FP32, out));
  }

  /**
   * PyTorch's logits are exact, those of float32 lose some of 24 bits in up to 53 layers: at most a
   * 90,000th of the largest logit was seen.
   */
  private void assertGolden(String id, TestModels.Writer writer) throws IOException {
    float[] logits;
    try (LoadedProgram program = TestModels.load(writer, LoadedProgram.Mode.INFERENCE)) {
      logits = TestModels.logits(program, images(id));
    }
    JsonNode golden = GOLDEN.get("logits").get(id);
    assertThat(logits).hasSize(golden.size() * CLASSES);
    int image = 0;
    for (String file : files()) {
      List<Double> expected =
          Stream.iterate(0, c -> c + 1)
              .limit(CLASSES)
              .map(c -> golden.get(file).get(c).asDouble())
              .toList();
      double largest = expected.stream().mapToDouble(Math::abs).max().orElseThrow();
      for (int c = 0; c < CLASSES; c++) {
        assertThat((double) logits[image * CLASSES + c])
            .as("%s, class %d", file, c)
            .isCloseTo(expected.get(c), within(TOLERANCE * largest));
      }
      image++;
    }
  }

  /** The images, for a network that needs larger ones with each pixel twice in both directions. */
  private Tensor images(String id) {
    Tensor images = batch.pixels(RULE);
    if (!id.equals("inception_v3")) {
      return images;
    }
    int wide = 2 * SIZE;
    ByteBuffer doubled = ByteBuffer.allocateDirect(batch.rows() * wide * wide * 3);
    byte[] pixel = new byte[3];
    for (int image = 0; image < batch.rows(); image++) {
      for (int y = 0; y < wide; y++) {
        for (int x = 0; x < wide; x++) {
          images.bytes().get(((image * SIZE + y / 2) * SIZE + x / 2) * 3, pixel);
          doubled.put(pixel);
        }
      }
    }
    return Tensor.of(DType.UINT8, new long[] {batch.rows(), wide, wide, 3}, doubled.flip());
  }

  private static Network network(String id) {
    return id.equals("all_kinds")
        ? AllKinds.network(CLASSES)
        : Architectures.of(id).network(CLASSES);
  }

  /** The weights of {@code set_weights} of {@code make_golden.py}. */
  private static StateDict weights(Network network) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network
        .stateShapes()
        .forEach((name, shape) -> tensors.put(name, tensor(tensors.size(), name, shape)));
    return new StateDict(tensors);
  }

  private static Tensor tensor(long number, String name, long[] shape) {
    if (name.endsWith(".num_batches_tracked")) {
      return Tensor.scalar(0);
    }
    float[] values = new float[(int) Tensor.elements(shape)];
    double bound = shape.length > 1 ? Math.sqrt(6.0 * shape[0] / values.length) : 0;
    for (int i = 0; i < values.length; i++) {
      double u = (SplitMix.mix((number << 32) + i) >>> 40) * 0x1p-24;
      if (shape.length > 1) {
        values[i] = (float) ((2 * u - 1) * bound);
      } else if (name.endsWith(".weight") || name.endsWith(".running_var")) {
        values[i] = (float) (0.75 + 0.5 * u);
      } else {
        values[i] = (float) (0.2 * (u - 0.5));
      }
    }
    return Tensor.of(values, shape);
  }
}
