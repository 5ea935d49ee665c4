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
 * networks in PyTorch; that of {@code mobilenet_v2} is of torchvision 0.14's own listing.
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
    "resnet152, a21b3432af5a7a85ce7af1c12de8f95549a066f34ebcaf3b3c60fb7d0e0aaf6b",
    "resnext50_32x4d, 2236a7d3cde7a90b8e43185fd4ae2be143aec797bbeea81e48acb66a2e393c74",
    "resnext101_32x8d, 0a9f99bae3ec675df074021f863c25e76237235dd1b0b7ad0c8f001f180f0959",
    "resnext101_64x4d, e243163ff9eb1c9aa0a9a70f157f6dc5dd5b9c1a405830a35c254f551a582ab6",
    "wide_resnet50_2, 69940fb90588eb992127b0e84c0970bac2955c6ac24d98a347dcb3eddbb4bc81",
    "wide_resnet101_2, 8f7beb3309feda0259b5744768b0e4bf97c803b237727c749730a07158216542",
    "mobilenet_v2, 0ad233f64313e29d5ae142a5ff822af431ad7eeb154815252382e4c6b2d08549"
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
    "resnet152, 60192808",
    "resnext50_32x4d, 25028904",
    "resnext101_32x8d, 88791336",
    "resnext101_64x4d, 83455272",
    "wide_resnet50_2, 68883240",
    "wide_resnet101_2, 126886696",
    "mobilenet_v2, 3504872"
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
