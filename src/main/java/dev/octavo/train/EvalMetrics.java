package dev.octavo.train;

import java.io.Serializable;

/**
 * The metrics of a split; NaN for an empty one.
 *
 * @param loss mean cross-entropy, weighted by the images' weights
 * @param top1 fraction of the images whose class was scored highest
 * @param top5 fraction whose class was among the five highest
 * @param meanPerClass mean over the classes of the fraction of their images that was recognised
 */
public record EvalMetrics(double loss, double top1, double top5, double meanPerClass)
    implements Serializable {}
