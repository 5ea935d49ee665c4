package dev.octavo.bundle;

/**
 * The figures that the manifest of every bundle has; {@link TrainingFigures} or {@link
 * QuantizationFigures} stand beside them.
 *
 * @param classes number of classes
 * @param modelBytes size of {@code model.pt}
 */
public record BundleFigures(int classes, long modelBytes) {}
