package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.artifact.FileTree;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Counts the rows that were written, checks that none is missing, and publishes the dataset. */
final class Publication {
  private static final List<String> SPLITS =
      List.of(DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.TEST, DatasetSchema.EXTRA);

  private final SparkSession session;
  private final IngestSettings settings;
  private final Staging staging;

  Publication(SparkSession session, IngestSettings settings, Staging staging) {
    this.session = session;
    this.settings = settings;
    this.staging = staging;
  }

  /**
   * The inputs as they were found, before any was read.
   *
   * @param files or rows of a table, by split
   * @param skipped files that are no inputs
   * @param bytes of the files
   * @param renamed files found under another name
   * @param words on what decided the splits
   */
  record Seen(
      Map<String, Long> files,
      Map<FileTree.Skipped, Long> skipped,
      long bytes,
      List<String> renamed,
      String words) {
    long total() {
      return files.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /**
   * Publishes what stands in the staging directory.
   *
   * @throws OctavoException if rows and quarantine don't add up to what was seen
   */
  IngestResult publish(Seen seen, List<Quarantined> quarantined, DatasetManifest recorded)
      throws IOException {
    JobGroup.run(
        session,
        "ingest: writing the quarantine",
        () -> {
          List<Row> entries = quarantined.stream().map(Quarantined::toRow).toList();
          write(entries, DatasetSchema.QUARANTINE, DatasetArtifact.QUARANTINE);
          return null;
        });
    Path images = new Path(staging.directory(), DatasetArtifact.IMAGES);
    Dataset<Row> rows = session.read().schema(DatasetSchema.ROWS).parquet(Paths.literal(images));
    Content content =
        JobGroup.run(
            session,
            "ingest: counting rows, looking for duplicates",
            () -> content(rows, seen.total()));
    Map<String, Long> rowsPerSplit = content.rowsPerSplit();
    checkCounts(seen, rowsPerSplit, quarantined);
    IngestResult result =
        IngestResultBuilder.builder()
            .dataset(staging.fileSystem().makeQualified(settings.out()))
            .classes(recorded.classes().size())
            .filesSeen(seen.total())
            .skipped(seen.skipped())
            .bytesSeen(seen.bytes())
            .rowsPerSplit(rowsPerSplit)
            .quarantinedPerReason(countPerReason(quarantined))
            .renamed(seen.renamed())
            .notes(notes(seen.words(), recorded.classes(), content.withImages()))
            .duplicates(content.duplicates())
            .build();
    staging.publish(
        Manifest.of(
            DatasetArtifact.KIND,
            Map.of(),
            RecordEntries.of(recorded),
            RecordEntries.of(result.figures())));
    return result;
  }

  private void write(List<Row> rows, StructType schema, String directory) {
    session
        .createDataFrame(rows, schema)
        .coalesce(1)
        .write()
        .parquet(new Path(staging.directory(), directory).toString());
  }

  /** The rows that were written; {@code withImages} are the classes that have rows. */
  private record Content(
      Map<String, Long> rowsPerSplit, Set<String> withImages, Duplicates duplicates) {}

  private Content content(Dataset<Row> rows, long files) {
    Map<String, Long> found = new HashMap<>();
    Set<String> withImages = new HashSet<>();
    Duplicates duplicates;
    if (files <= Described.MOST_COLLECTED) {
      List<Described> described = Described.read(rows);
      described.forEach(
          row -> {
            found.merge(row.split(), 1L, Long::sum);
            withImages.add(row.label());
          });
      duplicates = Duplicates.in(described);
      write(
          Described.nearDuplicates(described),
          DatasetSchema.NEAR_DUPLICATES,
          DatasetArtifact.NEAR_DUPLICATES);
    } else {
      rows.groupBy(DatasetSchema.SPLIT, DatasetSchema.LABEL)
          .count()
          .collectAsList()
          .forEach(
              row -> {
                found.merge(row.getString(0), row.getLong(2), Long::sum);
                withImages.add(row.getString(1));
              });
      duplicates = Duplicates.in(rows);
    }
    Map<String, Long> ordered = new LinkedHashMap<>();
    SPLITS.forEach(split -> ordered.put(split, found.getOrDefault(split, 0L)));
    return new Content(ordered, withImages, duplicates);
  }

  /** Every file seen must be a row or in the quarantine, split by split. */
  private static void checkCounts(
      Seen seen, Map<String, Long> rowsPerSplit, List<Quarantined> quarantined) {
    for (String split : SPLITS) {
      long files = seen.files().getOrDefault(split, 0L);
      long rows = rowsPerSplit.get(split);
      long lost =
          quarantined.stream()
              .filter(q -> q.split().equals(split) && !q.reason().equals(Quarantined.MISSING))
              .count();
      if (files != rows + lost) {
        throw new OctavoException(
            "%d files of split %s became %d rows and %d entries of the quarantine: nothing is published"
                .formatted(files, split, rows, lost));
      }
    }
  }

  /** The lines that a user should look at. */
  private static List<String> notes(String words, List<String> classes, Set<String> withImages) {
    List<String> notes = new ArrayList<>(List.of(words));
    Map<String, List<String>> alike = new TreeMap<>();
    for (String label : classes) {
      String key = label.replaceAll("[\\s_-]+", "").toLowerCase(Locale.ROOT);
      alike.computeIfAbsent(key, k -> new ArrayList<>()).add(label);
      if (!withImages.contains(label)) {
        notes.add(
            "the class '%s' has no image left: all of its files are quarantined".formatted(label));
      }
    }
    alike.values().stream()
        .filter(labels -> labels.size() > 1)
        .forEach(
            labels ->
                notes.add(
                    "classes that differ only in case, blanks or hyphens: '%s'"
                        .formatted(String.join("', '", labels))));
    return notes;
  }

  private static Map<String, Long> countPerReason(List<Quarantined> quarantined) {
    Map<String, Long> counts = new TreeMap<>();
    quarantined.forEach(q -> counts.merge(q.reason(), 1L, Long::sum));
    return counts;
  }
}
