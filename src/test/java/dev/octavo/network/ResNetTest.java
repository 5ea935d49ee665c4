package dev.octavo.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Hashes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Names and shapes against torchvision's. The resources {@code resnet18.txt} and {@code
 * resnet50.txt} and the hashes come from {@code resnet_names.py} beside them, which builds the
 * networks in PyTorch.
 */
class ResNetTest {
  private static final int IMAGENET_CLASSES = 1000;

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet50"})
  void stateHasTorchvisionsNamesAndShapesInItsOrder(String id) throws IOException {
    try (InputStream expected = ResNetTest.class.getResourceAsStream(id + ".txt")) {
      assertThat(listing(id))
          .containsExactlyElementsOf(
              new String(expected.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 4a2f4becbdb9d39a15684d5b6b236cd6a97d20903e2c7532d78895e11c238eea",
    "resnet34, 650e9757093c911590e67c49c275bbc363f5acdeaa99028c364b2e4909eac4b2",
    "resnet50, cb4d925ea533cc462861b90534b3fa2f76254a3f5481918d6609089a5f538e17",
    "resnet101, fd5470308c73dfe652cc18dc0b9a8968be588a03801b18090fe7b3e415267694",
    "resnet152, a21b3432af5a7a85ce7af1c12de8f95549a066f34ebcaf3b3c60fb7d0e0aaf6b"
  })
  void theListingOfNamesAndShapesHasTheHashOfPyTorchs(String id, String sha256) {
    String text = String.join("\n", listing(id)) + "\n";
    assertThat(Hashes.sha256(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(sha256);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, 11689512",
    "resnet34, 21797672",
    "resnet50, 25557032",
    "resnet101, 44549160",
    "resnet152, 60192808"
  })
  void hasThePublishedNumberOfParameters(String id, long parameters) {
    Map<String, long[]> shapes = Architectures.of(id).network(IMAGENET_CLASSES).parameterShapes();
    assertThat(shapes.values().stream().mapToLong(ResNetTest::elements).sum())
        .isEqualTo(parameters);
  }

  private static List<String> listing(String id) {
    return Architectures.of(id).network(IMAGENET_CLASSES).stateShapes().entrySet().stream()
        .map(e -> (e.getKey() + " " + dimensions(e.getValue())).strip())
        .toList();
  }

  private static String dimensions(long[] shape) {
    return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(" "));
  }

  private static long elements(long[] shape) {
    return LongStream.of(shape).reduce(1, (a, b) -> a * b);
  }
}
