package dev.octavo.ingest;

import dev.octavo.artifact.FileTree;
import dev.octavo.dataset.DatasetFigures;
import dev.octavo.dataset.DatasetFiguresBuilder;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * The result of an ingest. {@code filesSeen + missing = rows + quarantined}, where {@code missing}
 * is one of the reasons for quarantine.
 *
 * @param dataset where it is
 * @param classes number of classes
 * @param filesSeen files in the folder, without those skipped; folders that can't be listed count
 *     as files
 * @param skipped files that are no inputs, by reason
 * @param bytesSeen size of the files seen
 * @param rowsPerSplit rows, in the order train, val, test, extra
 * @param quarantinedPerReason what could not become a row
 * @param renamed listed images that were found under a slightly different name, as {@code listed
 *     (found)}
 * @param notes what decided the splits, and what a user should look at
 * @param duplicates images that occur more than once
 */
@RecordBuilder
public record IngestResult(
    Path dataset,
    int classes,
    long filesSeen,
    Map<FileTree.Skipped, Long> skipped,
    long bytesSeen,
    Map<String, Long> rowsPerSplit,
    Map<String, Long> quarantinedPerReason,
    List<String> renamed,
    List<String> notes,
    Duplicates duplicates) {

  /** Rows of all splits. */
  public long rows() {
    return rowsPerSplit.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Quarantined files, missing ones included. */
  public long quarantined() {
    return quarantinedPerReason.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The figures of the manifest. */
  DatasetFigures figures() {
    return DatasetFiguresBuilder.builder()
        .filesSeen(filesSeen)
        .skipped(FileTree.counted(skipped))
        .bytesSeen(bytesSeen)
        .rows(rows())
        .rowsPerSplit(rowsPerSplit)
        .quarantined(quarantined())
        .quarantinedPerReason(quarantinedPerReason)
        .renamed(renamed)
        .duplicateCopies(duplicates.copies())
        .identicalAcrossSplits(duplicates.acrossSplits())
        .similarAcrossSplits(duplicates.similarAcrossSplits())
        .build();
  }
}
