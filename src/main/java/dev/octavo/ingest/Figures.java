package dev.octavo.ingest;

import java.util.Map;
import java.util.TreeMap;

/** The result as the figures of the manifest. */
final class Figures {
  private Figures() {}

  static Map<String, Object> of(IngestResult result) {
    Map<String, Object> figures = new TreeMap<>();
    figures.put("filesSeen", result.filesSeen());
    Map<String, Long> skipped = new TreeMap<>();
    result.skipped().forEach((reason, count) -> skipped.put(reason.text(), count));
    figures.put("skipped", skipped);
    figures.put("bytesSeen", result.bytesSeen());
    figures.put("rows", result.rows());
    figures.put("rowsPerSplit", result.rowsPerSplit());
    figures.put("quarantined", result.quarantined());
    figures.put("quarantinedPerReason", result.quarantinedPerReason());
    figures.put("renamed", result.renamed());
    figures.put("duplicateCopies", result.duplicates().copies());
    figures.put("identicalAcrossSplits", result.duplicates().acrossSplits());
    figures.put("similarAcrossSplits", result.duplicates().similarAcrossSplits());
    return figures;
  }
}
