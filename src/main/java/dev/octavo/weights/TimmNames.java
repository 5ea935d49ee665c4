package dev.octavo.weights;

import dev.octavo.network.Affine;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * timm's names of the networks that it names otherwise than torchvision: the MobileNets, the
 * EfficientNets and the RegNets, as in {@code blocks.1.0.conv_pw.weight} for {@code
 * features.2.conv.0.0.weight}. Its ResNets and Inception-v3 have torchvision's names already.
 *
 * <p>timm builds the first two of {@code conv_stem}, blocks in stages and {@code conv_head}. In a
 * block, the pointwise convolution before the depthwise one is {@code conv_pw} and the one after it
 * {@code conv_pwl}, or {@code conv_pw} where there is none before; batch norms are counted (source:
 * {@code InvertedResidual} and {@code DepthwiseSeparableConv} in timm's {@code
 * _efficientnet_blocks.py}). MobileNetV3's {@code conv_head} comes after the pooling: it is
 * torchvision's first linear layer, and the convolution before is the last block (source: {@code
 * mobilenetv3.py}). Blocks of a RegNet are {@code s1.b1}, its convolutions {@code conv1} to {@code
 * conv3} (source: {@code regnet.py}).
 */
final class TimmNames {
  private static final String STEM = "conv_stem";
  private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\.(\\d+)\\.");

  private static final String REGNET_BLOCK = "s1.b1.conv1.conv";
  private static final Pattern REGNET_MODULE =
      Pattern.compile(
          "trunk_output\\.block\\d+\\.block(\\d+)-(\\d+)\\.(proj|f\\.[abc]|f\\.se\\.fc[12])");

  /** PyTorch's own epsilon of batch norm, which timm leaves as it is. */
  private static final double EPSILON = 1e-5;

  private final Network network;
  private final StateDict file;
  private final String prefix;

  /** torchvision's modules by timm's. */
  private final Map<String, String> modules = new HashMap<>();

  private TimmNames(Network network, StateDict file, String prefix) {
    this.network = network;
    this.file = file;
    this.prefix = prefix;
  }

  /**
   * The tensors under torchvision's names, behind the prefix that they have, if timm named them.
   */
  static StateDict translated(Network network, StateDict file) {
    Optional<String> stem = withSuffix(file, STEM);
    if (stem.isPresent()) {
      return new TimmNames(network, file, stem.get()).translated(TimmNames::mobileNet);
    }
    return withSuffix(file, REGNET_BLOCK)
        .map(prefix -> new TimmNames(network, file, prefix).translated(TimmNames::regNet))
        .orElse(file);
  }

  /** The prefix before a module's name in its first tensor. */
  private static Optional<String> withSuffix(StateDict file, String module) {
    String suffix = module + ".weight";
    return file.names().stream()
        .filter(name -> name.endsWith(suffix))
        .map(name -> name.substring(0, name.length() - suffix.length()))
        .findFirst();
  }

  private StateDict translated(Consumer<TimmNames> naming) {
    naming.accept(this);
    Map<String, BatchNorm> norms = new HashMap<>();
    network.convolutions().forEach(conv -> norms.put(conv.norm().name(), conv.norm()));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              int dot = name.lastIndexOf('.');
              String module =
                  name.startsWith(prefix) && dot >= prefix.length()
                      ? modules.get(name.substring(prefix.length(), dot))
                      : null;
              if (module == null) {
                tensors.put(name, tensor);
              } else {
                String parameter = name.substring(dot);
                boolean gamma = norms.containsKey(module) && parameter.equals(".weight");
                tensors.put(
                    prefix + module + parameter,
                    gamma
                        ? rescaled(norms.get(module), tensor, name.substring(0, dot))
                        : linear(module, tensor));
              }
            });
    return new StateDict(tensors);
  }

  /**
   * The factors of a batch norm for the network's own epsilon, where that isn't timm's: {@code
   * gamma * sqrt((variance + own) / (variance + timm's))}.
   */
  private Tensor rescaled(BatchNorm norm, Tensor gamma, String module) {
    Tensor variance = file.tensors().get(module + ".running_var");
    if (norm.epsilon() == EPSILON
        || variance == null
        || !gamma.dtype().isFloatingPoint()
        || !Arrays.equals(variance.shape(), gamma.shape())) {
      return gamma;
    }
    float[] values = gamma.toFloats();
    float[] variances = variance.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) Math.sqrt((variances[i] + norm.epsilon()) / (variances[i] + EPSILON));
    }
    return Tensor.of(values, gamma.shape());
  }

  /** A pointwise convolution's weight as that of the linear layer that it is in torchvision. */
  private Tensor linear(String module, Tensor tensor) {
    boolean linear =
        network.nodes().stream()
            .anyMatch(node -> node instanceof Node.Linear l && l.name().equals(module));
    long[] shape = tensor.shape();
    return linear && shape.length == 4 && shape[2] == 1 && shape[3] == 1
        ? Tensor.of(tensor.dtype(), new long[] {shape[0], shape[1]}, tensor.bytes())
        : tensor;
  }

  /** The blocks of a file, as {@code blocks.1.0.}, in the order of their numbers. */
  private List<String> blocks() {
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

  private void mobileNet() {
    List<Node.Conv> convolutions = network.convolutions();
    Node.Conv last = convolutions.get(convolutions.size() - 1);
    List<String> blocks = blocks();
    put(STEM, "bn1", convolutions.get(0));
    modules.put("classifier", network.classifier().name());
    Optional<Node.Linear> head =
        network.nodes().stream()
            .filter(node -> node instanceof Node.Linear && !node.equals(network.classifier()))
            .map(Node.Linear.class::cast)
            .findFirst();
    if (head.isPresent()) {
      modules.put("conv_head", head.get().name());
      if (!blocks.isEmpty()) {
        String end = blocks.get(blocks.size() - 1);
        put(end + "conv", end + "bn1", last);
      }
    } else {
      put("conv_head", "bn2", last);
    }
    List<List<Node>> groups = byBlock();
    for (int i = 0; i < Math.min(groups.size(), blocks.size()); i++) {
      putBlock(blocks.get(i), groups.get(i));
    }
  }

  /**
   * The convolutions and excitations of each block: each ends with the convolution after the
   * depthwise one.
   */
  private List<List<Node>> byBlock() {
    List<List<Node>> blocks = new ArrayList<>();
    List<Node> block = new ArrayList<>();
    Node.Conv stem = network.convolutions().get(0);
    for (Node node : network.nodes()) {
      if (node instanceof Node.SqueezeExcitation) {
        block.add(node);
      } else if (node instanceof Node.Conv conv && !conv.equals(stem)) {
        boolean projects = block.stream().anyMatch(TimmNames::isDepthwise);
        block.add(conv);
        if (projects) {
          blocks.add(block);
          block = new ArrayList<>();
        }
      }
    }
    return blocks;
  }

  private void putBlock(String block, List<Node> nodes) {
    int count = 0;
    for (Node node : nodes) {
      if (node instanceof Node.SqueezeExcitation se) {
        modules.put(block + "se.conv_reduce", se.squeeze().name());
        modules.put(block + "se.conv_expand", se.excite().name());
      } else {
        Node.Conv conv = (Node.Conv) node;
        String name = isDepthwise(conv) ? "conv_dw" : count == 2 ? "conv_pwl" : "conv_pw";
        put(block + name, block + "bn" + ++count, conv);
      }
    }
  }

  private void put(String conv, String norm, Node.Conv node) {
    modules.put(conv, node.name());
    modules.put(norm, node.norm().name());
  }

  private void regNet() {
    modules.put("head.fc", network.classifier().name());
    Node.Conv stem = network.convolutions().get(0);
    put("stem.conv", "stem.bn", stem);
    for (Node.Conv conv : network.convolutions()) {
      regNetModule(conv.name()).ifPresent(name -> put(name + ".conv", name + ".bn", conv));
    }
    for (Affine affine : network.affines()) {
      regNetModule(affine.name()).ifPresent(name -> modules.put(name, affine.name()));
    }
  }

  /** timm's module for one of a RegNet's blocks; empty for others. */
  private static Optional<String> regNetModule(String name) {
    Matcher matcher = REGNET_MODULE.matcher(name);
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    String part =
        switch (matcher.group(3)) {
          case "proj" -> "downsample";
          case "f.a" -> "conv1";
          case "f.b" -> "conv2";
          case "f.c" -> "conv3";
          default -> matcher.group(3).substring("f.".length());
        };
    int block = Integer.parseInt(matcher.group(2)) + 1;
    return Optional.of("s%s.b%d.%s".formatted(matcher.group(1), block, part));
  }

  private static boolean isDepthwise(Node node) {
    return node instanceof Node.Conv conv
        && conv.geometry().groups() > 1
        && conv.geometry().groups() == conv.inChannels();
  }
}
