package dev.octavo.weights;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * timm's names of the MobileNet family, {@code blocks.1.0.conv_pw.weight}, turned into
 * torchvision's, {@code features.2.conv.0.0.weight}. timm's ResNets have torchvision's names
 * already.
 *
 * <p>timm builds these networks of {@code conv_stem}, blocks in stages and {@code conv_head}. In a
 * block, the pointwise convolution before the depthwise one is {@code conv_pw} and the one after it
 * {@code conv_pwl}, or {@code conv_pw} where there is none before; batch norms are counted (source:
 * {@code InvertedResidual} and {@code DepthwiseSeparableConv} in timm's {@code
 * _efficientnet_blocks.py}).
 */
final class TimmNames {
  private static final String STEM = "conv_stem";
  private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\.(\\d+)\\.");

  private TimmNames() {}

  /**
   * The tensors under torchvision's names, behind the prefix that they have, if timm named them.
   */
  static StateDict translated(Network network, StateDict file) {
    Optional<String> stem =
        file.names().stream().filter(name -> name.endsWith(STEM + ".weight")).findFirst();
    if (stem.isEmpty()) {
      return file;
    }
    String prefix = stem.get().substring(0, stem.get().lastIndexOf(STEM));
    Map<String, String> modules = modules(network, blocks(prefix, file));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              int dot = name.lastIndexOf('.');
              String module =
                  name.startsWith(prefix) && dot >= prefix.length()
                      ? modules.get(name.substring(prefix.length(), dot))
                      : null;
              tensors.put(module == null ? name : prefix + module + name.substring(dot), tensor);
            });
    return new StateDict(tensors);
  }

  /** The blocks of a file, as {@code blocks.1.0.}, in the order of their numbers. */
  private static List<String> blocks(String prefix, StateDict file) {
    return file.names().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> BLOCK.matcher(name).region(prefix.length(), name.length()))
        .filter(Matcher::lookingAt)
        .map(Matcher::toMatchResult)
        .sorted((a, b) -> compare(a, b))
        .map(MatchResult::group)
        .distinct()
        .toList();
  }

  private static int compare(MatchResult a, MatchResult b) {
    int stages = compareNumbers(a.group(1), b.group(1));
    return stages != 0 ? stages : compareNumbers(a.group(2), b.group(2));
  }

  /** As numbers, however many digits a file gives them. */
  private static int compareNumbers(String a, String b) {
    return a.length() != b.length() ? a.length() - b.length() : a.compareTo(b);
  }

  /** torchvision's modules by timm's. */
  private static Map<String, String> modules(Network network, List<String> blocks) {
    List<Node.Conv> convolutions = network.convolutions();
    int last = convolutions.size() - 1;
    Map<String, String> modules = new LinkedHashMap<>();
    put(modules, STEM, "bn1", convolutions.get(0));
    put(modules, "conv_head", "bn2", convolutions.get(last));
    modules.put("classifier", network.classifier().name());
    List<List<Node.Conv>> groups = byBlock(convolutions.subList(1, last));
    for (int i = 0; i < Math.min(groups.size(), blocks.size()); i++) {
      putBlock(modules, blocks.get(i), groups.get(i));
    }
    return modules;
  }

  /** The convolutions of each block: each ends with the one that nothing depthwise follows. */
  private static List<List<Node.Conv>> byBlock(List<Node.Conv> convolutions) {
    List<List<Node.Conv>> blocks = new ArrayList<>();
    List<Node.Conv> block = new ArrayList<>();
    for (Node.Conv conv : convolutions) {
      boolean projects = block.stream().anyMatch(TimmNames::isDepthwise);
      block.add(conv);
      if (projects) {
        blocks.add(block);
        block = new ArrayList<>();
      }
    }
    return blocks;
  }

  private static void putBlock(Map<String, String> modules, String prefix, List<Node.Conv> block) {
    for (int i = 0; i < block.size(); i++) {
      String name = isDepthwise(block.get(i)) ? "conv_dw" : i == 2 ? "conv_pwl" : "conv_pw";
      put(modules, prefix + name, prefix + "bn" + (i + 1), block.get(i));
    }
  }

  private static void put(Map<String, String> modules, String conv, String norm, Node.Conv node) {
    modules.put(conv, node.name());
    modules.put(norm, node.norm().name());
  }

  private static boolean isDepthwise(Node.Conv conv) {
    return conv.geometry().groups() > 1 && conv.geometry().groups() == conv.inChannels();
  }
}
