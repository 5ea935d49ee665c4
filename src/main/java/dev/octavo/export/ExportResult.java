package dev.octavo.export;

import org.apache.hadoop.fs.Path;

/**
 * The outcome of an export.
 *
 * @param out the file
 * @param bytes its size
 */
public record ExportResult(Path out, long bytes) {}
