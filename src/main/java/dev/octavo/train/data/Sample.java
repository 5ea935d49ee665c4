package dev.octavo.train.data;

import java.io.Serializable;

/**
 * A labelled image on its way to its worker.
 *
 * @param path as in the dataset
 * @param label index of its class
 * @param split {@code train} or {@code val}
 * @param image the file's bytes
 */
@SuppressWarnings("ArrayRecordComponent") // on its way, never compared
public record Sample(String path, int label, String split, byte[] image) implements Serializable {}
