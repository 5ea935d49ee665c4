package dev.octavo.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every network of the registry, also for those of tomorrow. */
class ArchitecturesTest {
  static List<Architecture> all() {
    return Architectures.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void anotherNumberOfClassesChangesTheClassifierAlone(Architecture architecture) {
    Network network = architecture.network(67);
    Map<String, long[]> shapes = network.stateShapes();
    Map<String, long[]> others = architecture.network(1000).stateShapes();
    String classifier = network.classifier().name();
    assertThat(network.name()).isEqualTo(architecture.id());
    assertThat(others.keySet()).containsExactlyElementsOf(shapes.keySet());
    others.forEach(
        (name, shape) -> {
          if (name.startsWith(classifier + ".")) {
            assertThat(shape[0]).isEqualTo(1000);
            assertThat(shapes.get(name)[0]).isEqualTo(67);
          } else {
            assertThat(shape).as(name).isEqualTo(shapes.get(name));
          }
        });
  }

  @ParameterizedTest
  @MethodSource("all")
  void stagesAndClassifierHaveEveryParameterOnce(Architecture architecture) {
    Network network = architecture.network(2);
    Set<String> left = new HashSet<>(network.parameterShapes().keySet());
    int index = 0;
    for (Map.Entry<String, List<String>> stage : architecture.stages().entrySet()) {
      int expected = index++;
      for (String module : stage.getValue()) {
        assertThat(left)
            .filteredOn(name -> name.startsWith(module + "."))
            .allMatch(name -> architecture.stage(name) == expected);
        assertThat(left.removeIf(name -> name.startsWith(module + ".")))
            .as("%s of %s", module, stage.getKey())
            .isTrue();
      }
    }
    assertThat(left).allMatch(name -> architecture.stage(name) == architecture.stages().size());
    left.removeIf(name -> name.startsWith(network.classifier().name() + "."));
    assertThat(left).isEmpty();
  }

  @Test
  void namesAreUnique() {
    assertThat(Architectures.ids()).doesNotHaveDuplicates().startsWith("resnet18", "resnet34");
  }

  @Test
  void anUnknownNetworkIsAUsageErrorThatListsTheKnown() {
    assertThatThrownBy(() -> Architectures.of("resnet51"))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageStartingWith(
            "unknown network 'resnet51': choose one of resnet18, resnet34, resnet50, resnet101,"
                + " resnet152");
  }

  @Test
  void aNodeThatReadsAnotherWidthThanThereIsIsNamed() {
    NodeList nodes = new NodeList();
    nodes.conv("first", "bn1", 8, Geometry.of(3, 1), Activation.RELU);
    BatchNorm norm = BatchNorm.of("bn2");
    nodes.add(new Node.Conv("second", norm, 0, 16, 8, Geometry.of(3, 1), Activation.RELU), 8);
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    assertThatThrownBy(() -> nodes.network("wrong", "fc", 2))
        .hasMessage("second (node 1) reads 16 channels, but there are 8");
  }

  @Test
  void groupsDivideTheChannels() {
    assertThatThrownBy(
            () ->
                new NodeList()
                    .conv("conv1", "bn1", 8, new Geometry(3, 1, 1, 1, 2), Activation.RELU))
        .hasMessage("conv1: 3 and 8 channels can't be divided into 2 groups");
  }
}
