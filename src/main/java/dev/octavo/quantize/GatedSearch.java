package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Looks for a way of quantizing that the {@link QualityGate} lets through: the one asked for; then
 * that with bias correction, with each other method, with equalization; then the best of these with
 * its most sensitive layers in float32: first one, then three, seven and so on. GPTQ, which takes
 * longest, is used if it is asked for.
 */
final class GatedSearch {
  private static final double PERCENT = 100;

  private final NetworkQuantizer quantizer;
  private final Validation validation;
  private final Sensitivity sensitivity;
  private final QualityGate gate;
  private final int maxFloatLayers;
  private final Consumer<String> progress;
  private final List<String> log = new ArrayList<>();
  private List<LayerSensitivity> ranking = List.of();

  /**
   * A search.
   *
   * @param validation what the gate looks at
   * @param maxFloatLayers how many layers may fall back to float32
   * @param progress takes a line per attempt and outcome
   */
  GatedSearch(
      NetworkQuantizer quantizer,
      Validation validation,
      Sensitivity sensitivity,
      QualityGate gate,
      int maxFloatLayers,
      Consumer<String> progress) {
    this.quantizer = quantizer;
    this.validation = validation;
    this.sensitivity = sensitivity;
    this.gate = gate;
    this.maxFloatLayers = maxFloatLayers;
    this.progress = progress;
  }

  /** A quantized network and how it does on val. */
  record Trial(QuantizationConfig approach, QuantizedNetwork network, Comparison validation) {}

  /** The trials in order, a line each. */
  List<String> log() {
    return List.copyOf(log);
  }

  /**
   * The layers, the most sensitive first, by which float layers were chosen; empty where none had
   * to be.
   */
  List<LayerSensitivity> ranking() {
    return ranking;
  }

  /** Quantizes in one way and measures. */
  Trial attempt(QuantizationConfig approach) throws IOException {
    return measure(approach, quantizer.quantize(approach));
  }

  private Trial measure(QuantizationConfig approach, QuantizedNetwork network) throws IOException {
    return new Trial(approach, network, validation.compare(approach, network));
  }

  /**
   * The first trial that holds.
   *
   * @throws OctavoException.QualityGate if none does
   */
  Trial run(QuantizationConfig wanted) throws IOException {
    Trial best = attempt(wanted);
    if (holds(best)) {
      return best;
    }
    for (QuantizationConfig approach : alternatives(wanted)) {
      Trial trial = attempt(approach);
      if (holds(trial)) {
        return trial;
      }
      best = better(best, trial);
    }
    Trial last = best;
    List<String> layers = maxFloatLayers == 0 ? List.of() : mostSensitive(best);
    int most = Math.min(maxFloatLayers, layers.size());
    for (int n = 0; n < most; ) {
      n = Math.min(2 * n + 1, most);
      Set<String> inFloat = new HashSet<>(wanted.floatLayers());
      inFloat.addAll(layers.subList(0, n));
      last = attempt(best.approach().withFloatLayers(inFloat));
      if (holds(last)) {
        return last;
      }
    }
    throw refused(
        last,
        "see --sensitivity, --max-float-layers and --calibration-images, or train the model for"
            + " int8: train --quantization-aware, see docs/quantization.md");
  }

  /**
   * The trial of this way alone.
   *
   * @throws OctavoException.QualityGate if it doesn't hold
   */
  Trial runAlone(QuantizationConfig wanted) throws IOException {
    Trial trial = attempt(wanted);
    if (!holds(trial)) {
      throw refused(trial, "train it for longer, or for an int8 bundle with more --float-layers");
    }
    return trial;
  }

  private OctavoException.QualityGate refused(Trial last, String remedy) {
    return new OctavoException.QualityGate(
        "the int8 model does not pass and is not published: "
            + gate.shortfall(last.validation()).orElseThrow()
            + " (%d ways tried, the last with %d layers in float32); %s"
                .formatted(log.size(), last.approach().floatLayers().size(), remedy));
  }

  /**
   * The 7-bit variant of a trial, empty if it doesn't hold what the trial holds.
   *
   * @param verdict of the trial: what isn't judged by the gate isn't in its variant either
   */
  Optional<Trial> variant(Trial trial, Quantize.Verdict verdict) throws IOException {
    Trial variant = measure(trial.approach(), quantizer.variant(trial.approach()));
    if (verdict != Quantize.Verdict.PASSED) {
      return Optional.of(variant);
    }
    return holds("with 7-bit weights for CPUs without VNNI", variant)
        ? Optional.of(variant)
        : Optional.empty();
  }

  private static List<QuantizationConfig> alternatives(QuantizationConfig wanted) {
    List<QuantizationConfig> others = new ArrayList<>();
    others.add(wanted.with(Refinement.BIAS_CORRECTION));
    for (RangeMethod method : RangeMethod.values()) {
      others.add(wanted.with(method));
    }
    others.add(wanted.with(Refinement.EQUALIZATION));
    others.add(wanted.with(Refinement.EQUALIZATION).with(Refinement.BIAS_CORRECTION));
    return others.stream().distinct().filter(a -> !a.equals(wanted)).toList();
  }

  private static Trial better(Trial a, Trial b) {
    return Comparator.comparingDouble((Trial t) -> t.validation().logits().noise()).compare(a, b)
            <= 0
        ? a
        : b;
  }

  private List<String> mostSensitive(Trial trial) throws IOException {
    progress.accept("measuring which layers are to blame, one at a time");
    ranking = List.copyOf(sensitivity.measure(trial.approach(), trial.network()));
    return ranking.stream().map(LayerSensitivity::layer).toList();
  }

  private boolean holds(Trial trial) {
    return holds(trial.approach().toString(), trial);
  }

  private boolean holds(String title, Trial trial) {
    Comparison c = trial.validation();
    Optional<String> shortfall = gate.shortfall(c);
    String line =
        String.format(
            Locale.ROOT,
            "%s: top-1 %.2f %% -> %.2f %%, agreement %.2f %%, SQNR of the logits %.1f dB: %s",
            title,
            PERCENT * c.floatTop1().value(),
            PERCENT * c.int8Top1().value(),
            PERCENT * c.agreement().value(),
            c.logits().decibels(),
            shortfall.orElse("passes"));
    log.add(line);
    progress.accept(line);
    return shortfall.isEmpty();
  }
}
