package dev.octavo.inference;

import java.util.List;

/**
 * The predictions of one batch.
 *
 * @param keys of the examples that were drawn for it, in their order; none at the end
 * @param byModel for each model in the order of the plan, a prediction for each key
 * @param <K> the caller's name for an example
 */
public record Predicted<K>(List<K> keys, List<List<Prediction>> byModel) {}
