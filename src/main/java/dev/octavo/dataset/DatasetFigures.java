package dev.octavo.dataset;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * The figures in the manifest of a dataset.
 *
 * @param filesSeen files in the folder, or rows of the table
 * @param skipped files that are no inputs, by reason
 * @param bytesSeen size of the files seen
 * @param rows of all splits
 * @param rowsPerSplit by split
 * @param quarantined files that could not become a row, missing ones included
 * @param quarantinedPerReason by reason
 * @param renamed listed images that were found under a slightly different name
 * @param duplicateCopies rows whose bytes an earlier row has
 * @param identicalAcrossSplits images whose very bytes are in more than one split
 * @param similarAcrossSplits perceptual hashes that different files in more than one split share
 */
@RecordBuilder
public record DatasetFigures(
    long filesSeen,
    Map<String, Long> skipped,
    long bytesSeen,
    long rows,
    Map<String, Long> rowsPerSplit,
    long quarantined,
    Map<String, Long> quarantinedPerReason,
    List<String> renamed,
    long duplicateCopies,
    long identicalAcrossSplits,
    long similarAcrossSplits) {}
