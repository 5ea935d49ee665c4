/**
 * The images of a training: which worker gets which ({@link dev.octavo.train.data.Shards}), where
 * it keeps them ({@link dev.octavo.train.data.ShardStore}), and how they become batches.
 */
package dev.octavo.train.data;
