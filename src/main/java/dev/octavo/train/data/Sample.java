package dev.octavo.train.data;

import java.io.Serializable;

/**
 * A labelled image on its way to its worker.
 *
 * @param path as in the dataset
 * @param label index of its class; {@link TrainData#NO_LABEL} for an image that a teacher alone
 *     teaches
 * @param split {@code train}, {@code val} or {@code extra}
 * @param share of those that are taught, or of val, that it belongs to, as of {@link Shards}
 * @param image the file's bytes
 */
@SuppressWarnings("ArrayRecordComponent") // on its way, never compared
public record Sample(String path, int label, String split, int share, byte[] image)
    implements Serializable {}
