package dev.octavo.ingest;

import java.io.Serializable;

/**
 * One file to read.
 *
 * @param path of its row, as in the lists
 * @param file its path in the folder, which differs where a list has another name for it
 * @param bytes its size when it was listed
 * @param label its class, or null for an image of no known class
 * @param labelId the index of its class, or null
 */
record Source(String path, String file, long bytes, String split, String label, Integer labelId)
    implements Serializable {}
