/**
 * Post-training quantization, calibrated on the data, on the driver.
 *
 * <p>In layers, from the inside out: the mapping of reals to codes ({@link
 * dev.octavo.program.QuantizedNetwork}); how a range is chosen from what was observed ({@link
 * dev.octavo.quantize.RangeMethod} on {@link dev.octavo.quantize.Histogram}); how weights become
 * codes ({@link dev.octavo.quantize.WeightQuantizer}, {@link dev.octavo.quantize.BiasCorrection});
 * what is observed ({@link dev.octavo.quantize.CalibrationSample}, {@link
 * dev.octavo.quantize.Calibrator}, which also rounds so that errors make up for each other); a
 * whole network in one {@link dev.octavo.quantize.QuantizationConfig} ({@link
 * dev.octavo.quantize.NetworkQuantizer}, with {@link dev.octavo.quantize.Equalization}); the search
 * for an approach that the {@link dev.octavo.quantize.QualityGate} lets through ({@link
 * dev.octavo.quantize.GatedSearch}); and the stage, {@link dev.octavo.quantize.Quantize}. {@code
 * RATIONALE.md} says why.
 */
package dev.octavo.quantize;
