package dev.octavo.quantize;

import dev.octavo.bundle.CpuTarget;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The result of a quantization.
 *
 * @param bundle where it is
 * @param target which CPUs it is for
 * @param approach how it was quantized
 * @param gate what the gate said
 * @param floatBytes size of the float model's file
 * @param int8Bytes size of the int8 model's file
 * @param validation both models on the val split; empty where there is none
 * @param variant the float model and the 7-bit variant on the val split, if there is one
 * @param layers the error of every layer on val, in execution order; empty without val
 * @param sensitivity every layer quantized alone, most sensitive first; empty unless asked for
 */
@RecordBuilder
public record QuantizeResult(
    Path bundle,
    CpuTarget target,
    QuantizationConfig approach,
    Quantize.Verdict gate,
    long floatBytes,
    long int8Bytes,
    Comparison validation,
    Optional<Comparison> variant,
    List<LayerError> layers,
    List<LayerSensitivity> sensitivity) {}
