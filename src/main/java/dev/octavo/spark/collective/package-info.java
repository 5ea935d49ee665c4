/**
 * Collectives between the tasks of a barrier stage: reduce-scatter, all-gather and all-reduce of
 * float vectors, and small sums, over Spark's own transport with its authentication and encryption.
 *
 * <p>{@link dev.octavo.spark.collective.Ring} is the whole public face. Behind it, {@code Endpoint}
 * is the transport, {@code ChunkSender} and {@code ChunkReceiver} move a vector in chunks to the
 * next worker and from the previous one, {@code SumRounds} adds up small sums on worker 0, and
 * {@code RingMonitor} is the one place where a task waits: with a time-out that names who was
 * waited for.
 *
 * <h2>Flow control</h2>
 *
 * <p>A worker may be ahead of its neighbour (that one still computes its gradient), so a chunk can
 * arrive before anybody asks for it. The receiver owns a fixed number of chunk buffers and gives
 * one credit back for each chunk consumed; the sender keeps at most that many chunks on their way.
 * Chunks that wait for a credit wait in place, in the vector. Consuming never waits for sending, so
 * the ring can't lock up.
 */
package dev.octavo.spark.collective;
