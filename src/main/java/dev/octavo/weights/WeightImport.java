package dev.octavo.weights;

import dev.octavo.OctavoException;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network's initial state: what a file has, by name, and torchvision's initialisation for the
 * rest. Parameters and running statistics come out as float32, {@code num_batches_tracked} as
 * int64.
 */
public final class WeightImport {
  /** The end of the names of counters, which older files lack. */
  static final String BATCHES = ".num_batches_tracked";

  private static final String VARIANCE = ".running_var";

  /** The share of a network that a file must fill. */
  public enum Policy {
    /** At least half of the network's parameters must be in the file. */
    REQUIRE_HALF,
    /** Any number will do. */
    ALLOW_PARTIAL,
    /** The file must be of that network and number of classes, and must have all of it. */
    REQUIRE_ALL
  }

  /**
   * An import's outcome.
   *
   * @param state a complete state dict, in the order of {@link Network#stateShapes()}
   * @param report where its tensors come from
   */
  public record Result(StateDict state, ImportReport report) {}

  private final Network network;
  private final Map<String, long[]> shapes;
  private final Map<String, Node> owners = new LinkedHashMap<>();
  private final long seed;

  private WeightImport(Network network, long seed) {
    this.network = network;
    this.shapes = network.stateShapes();
    this.seed = seed;
    for (Node node : network.nodes()) {
      if (node instanceof Node.Conv c) {
        owners.put(c.name(), c);
      }
      node.affines().forEach(a -> owners.put(a.name(), node));
    }
  }

  /** A state dict for training from scratch; each tensor a function of the seed and its name. */
  public static StateDict fresh(Network network, long seed) {
    WeightImport imports = new WeightImport(network, seed);
    Map<String, Tensor> state = new LinkedHashMap<>();
    imports.shapes.keySet().forEach(name -> state.put(name, imports.fresh(name)));
    return new StateDict(state);
  }

  /**
   * Imports {@code weights} by name.
   *
   * <ul>
   *   <li>What the file lacks starts as in {@link #fresh}; a missing {@code num_batches_tracked} is
   *       0 and not reported.
   *   <li>A classifier (the network's last linear layer) of another number of classes is replaced
   *       by a fresh one.
   *   <li>Float16, bfloat16 and float64 become float32.
   *   <li>A running variance may be infinite (float16 ends at 65504, and ImageNet's first layer has
   *       larger ones): inference is well defined then. It is reported.
   *   <li>The network's names may stand behind a prefix, as {@code module.} or {@code backbone.}:
   *       the one under which most of its tensors are found, the first in the file of several. It
   *       is reported.
   *   <li>timm's names are known beside torchvision's.
   *   <li>A convolution with a bias in place of its batch norm, as exporters fold it, gets a batch
   *       norm that is the identity but for that bias. It is reported.
   * </ul>
   *
   * @throws OctavoException if another tensor has another shape, a tensor is of a type that is not
   *     floating-point or otherwise holds NaN or infinity, or the file isn't what {@code policy}
   *     wants
   */
  public static Result into(Network network, StateDict weights, long seed, Policy policy) {
    return new WeightImport(network, seed).run(weights, policy);
  }

  private Result run(StateDict file, Policy policy) {
    WeightNames names = WeightNames.of(network, file);
    StateDict weights = names.weights();
    Set<String> replaced = replacedClassifier(weights);
    checkShapes(file, weights, replaced);
    List<String> matched = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : shapes.keySet()) {
      if (weights.names().contains(name) && !replaced.contains(name)) {
        matched.add(name);
      } else if (!replaced.contains(name) && !name.endsWith(BATCHES)) {
        missing.add(name);
      }
    }
    List<String> unexpected =
        weights.names().stream().filter(name -> !shapes.containsKey(name)).toList();
    new ImportCheck(network, file, matched, missing, unexpected, replaced).require(policy);
    Map<String, Tensor> state = state(weights, matched);
    List<String> overflowed =
        matched.stream()
            .filter(name -> TensorCheck.hasInfiniteVariance(name, state.get(name)))
            .toList();
    return new Result(
        new StateDict(state),
        ImportReportBuilder.builder()
            .prefix(names.prefix())
            .matched(matched)
            .missing(missing)
            .unexpected(unexpected)
            .replaced(shapes.keySet().stream().filter(replaced::contains).toList())
            .folded(names.folded())
            .overflowed(overflowed)
            .build());
  }

  /** The matched tensors, and fresh ones for the others, in the network's order. */
  private Map<String, Tensor> state(StateDict weights, List<String> matched) {
    Set<String> taken = new HashSet<>(matched);
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (String name : shapes.keySet()) {
      Tensor tensor = weights.tensors().get(name);
      if (!taken.contains(name)) {
        state.put(name, fresh(name));
      } else {
        state.put(name, name.endsWith(BATCHES) ? toInt64(name, tensor) : toFloat32(name, tensor));
      }
    }
    return state;
  }

  /** Weight and bias of the classifier if the file's differs in the number of classes alone. */
  private Set<String> replacedClassifier(StateDict weights) {
    Node.Linear classifier = network.classifier();
    Tensor weight = weights.tensors().get(classifier.name() + ".weight");
    if (weight == null) {
      return Set.of();
    }
    long[] shape = weight.shape();
    boolean otherClasses =
        shape.length == 2 && shape[1] == classifier.in() && shape[0] != classifier.out();
    return otherClasses
        ? Set.of(classifier.name() + ".weight", classifier.name() + ".bias")
        : Set.of();
  }

  private void checkShapes(StateDict file, StateDict weights, Set<String> replaced) {
    List<String> mismatches = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          Tensor tensor = weights.tensors().get(name);
          if (tensor != null && !replaced.contains(name) && !Arrays.equals(tensor.shape(), shape)) {
            mismatches.add(
                "%s is %s in the file but %s in %s"
                    .formatted(
                        name,
                        Arrays.toString(tensor.shape()),
                        Arrays.toString(shape),
                        network.name()));
          }
        });
    if (!mismatches.isEmpty()) {
      throw new OctavoException(
          "the weights do not fit %s: %s%s; %s"
              .formatted(
                  network.name(),
                  mismatches.get(0),
                  mismatches.size() == 1
                      ? ""
                      : " (and %d more tensors differ)".formatted(mismatches.size() - 1),
                  NetworkGuess.remedy(file)));
    }
  }

  private Tensor fresh(String name) {
    long[] shape = shapes.get(name);
    int dot = name.lastIndexOf('.');
    Node owner = owners.get(name.substring(0, dot));
    if (owner instanceof Node.Conv) {
      return Initialization.heNormalFanOut(seed, name, shape);
    }
    if (owner instanceof Node.SqueezeExcitation) {
      return shape.length > 1
          ? Initialization.heNormalFanOut(seed, name, shape)
          : Initialization.constant(0, shape);
    }
    if (owner instanceof Node.Linear linear) {
      return Initialization.uniformFanIn(seed, name, shape, linear.in());
    }
    return switch (name.substring(dot)) { // batch norm: the identity
      case ".weight", VARIANCE -> Initialization.constant(1, shape);
      case ".bias", ".running_mean" -> Initialization.constant(0, shape);
      case BATCHES -> Tensor.scalar(0);
      default -> throw new IllegalStateException("no initialisation is known for " + name);
    };
  }

  private static Tensor toFloat32(String name, Tensor tensor) {
    if (!tensor.dtype().isFloatingPoint()) {
      throw new OctavoException(
          "%s is of type %s in the weights, but floating-point weights are needed (is it a quantized model?)"
              .formatted(name, tensor.dtype()));
    }
    Tensor single =
        tensor.dtype() == DType.FLOAT32 ? tensor : Tensor.of(tensor.toFloats(), tensor.shape());
    TensorCheck.fault(name, single, TensorCheck.InfiniteVariance.ALLOWED)
        .ifPresent(
            fault -> {
              throw new OctavoException(
                  "%s in the weights: such weights cannot be used".formatted(fault));
            });
    return single;
  }

  /** Conversions of whole files to float16 catch the counter, too. */
  private static Tensor toInt64(String name, Tensor tensor) {
    if (tensor.dtype() == DType.INT64) {
      return tensor;
    }
    return Tensor.scalar((long) toFloat32(name, tensor).toFloats()[0]);
  }
}
