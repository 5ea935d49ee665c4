/**
 * The arithmetic of an update: optimizers, the learning rate's schedule, the moving average of
 * weights, summed gradients, and {@link dev.octavo.train.optim.ShardedOptimizer}, which exchanges
 * gradients and parameters with the other workers.
 */
package dev.octavo.train.optim;
