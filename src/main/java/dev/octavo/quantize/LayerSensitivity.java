package dev.octavo.quantize;

import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.SignalToNoise;

/**
 * The cost of quantizing a layer: the float network with this layer alone quantized (its weights
 * and its output), beside the float network.
 *
 * @param layer the convolution, with the residual add and ReLU that are fused into it
 * @param agreement how often both networks name the same class
 * @param logits signal to quantization noise of the logits
 */
public record LayerSensitivity(String layer, Ratio agreement, SignalToNoise logits) {}
