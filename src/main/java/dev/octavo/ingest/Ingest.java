package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitLists;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.ByLists;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** The stage {@code ingest}: a folder of images becomes a dataset. */
public final class Ingest {
  private static final List<String> SPLITS =
      List.of(DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.TEST, DatasetSchema.EXTRA);

  private final SparkSession session;
  private final IngestSettings settings;
  private final Configuration conf;

  /** An ingest, not yet begun. */
  public Ingest(SparkSession session, IngestSettings settings) {
    this.session = session;
    this.settings = settings;
    this.conf = session.sparkContext().hadoopConfiguration();
  }

  /**
   * Reads, writes and publishes.
   *
   * @throws OctavoException if the folder or a list can't be used, or if the counts don't add up
   */
  public IngestResult execute() throws IOException {
    try (Staging staging =
        Staging.open(
            conf, settings.out(), DatasetArtifact.KIND, settings.ifExists(), settings.inputs())) {
      Listing listing = Listing.of(conf, settings.images());
      Optional<SplitLists> lists = lists();
      Plan plan = plan(listing, lists);
      Path images = new Path(staging.directory(), DatasetArtifact.IMAGES);
      staging.fileSystem().mkdirs(images);
      List<Quarantined> quarantined = new ArrayList<>(plan.missing());
      quarantined.addAll(unreadable(listing));
      for (Map.Entry<String, List<Source>> split : plan.sources().entrySet()) {
        Path target = new Path(images, DatasetSchema.SPLIT + "=" + split.getKey());
        quarantined.addAll(write(split.getKey(), split.getValue(), listing.root(), target));
      }
      writeQuarantine(quarantined, new Path(staging.directory(), DatasetArtifact.QUARANTINE));

      Dataset<Row> rows = session.read().schema(DatasetSchema.ROWS).parquet(Paths.literal(images));
      Content content =
          JobGroup.run(
              session,
              "ingest: counting rows, looking for duplicates",
              () -> content(rows, listing.sizes().size()));
      Map<String, Long> rowsPerSplit = content.rowsPerSplit();
      checkCounts(plan, listing, rowsPerSplit, quarantined);
      IngestResult result =
          IngestResultBuilder.builder()
              .dataset(staging.fileSystem().makeQualified(settings.out()))
              .classes(plan.classes().size())
              .filesSeen(listing.sizes().size() + listing.problems().size())
              .skipped(listing.skipped())
              .bytesSeen(listing.bytes())
              .rowsPerSplit(rowsPerSplit)
              .quarantinedPerReason(countPerReason(quarantined))
              .renamed(plan.renamed())
              .notes(notes(plan, content.withImages()))
              .duplicates(content.duplicates())
              .build();
      Map<String, Object> recorded = RecordEntries.of(recorded(plan, listing.root(), lists));
      staging.publish(Manifest.of(DatasetArtifact.KIND, Map.of(), recorded, result.figures()));
      return result;
    }
  }

  private Optional<SplitLists> lists() throws IOException {
    return settings.splitting() instanceof ByLists by
        ? Optional.of(SplitLists.read(conf, by.trainList(), by.testList()))
        : Optional.empty();
  }

  private Plan plan(Listing listing, Optional<SplitLists> lists) {
    return settings.splitting() instanceof ByLists by
        ? Plan.byLists(listing, lists.orElseThrow(), by.valFraction(), settings.seed())
        : Plan.byFolders(listing, (ByFolders) settings.splitting(), settings.seed());
  }

  private DatasetManifest recorded(Plan plan, Path root, Optional<SplitLists> lists) {
    return new DatasetManifest(
        plan.classes(),
        root,
        settings.seed(),
        settings.limits(),
        lists.map(
            read ->
                new DatasetManifest.Lists(
                    read.trainSha256(),
                    read.testSha256(),
                    ((ByLists) settings.splitting()).valFraction())),
        lists.isPresent() ? Optional.empty() : Optional.of(plan.words()));
  }

  /** One Spark job per split, so that no task has to sort images by split. */
  private List<Quarantined> write(String split, List<Source> sources, Path root, Path target) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    List<List<Source>> chunks = Chunks.cut(sources, context.defaultParallelism());
    CollectionAccumulator<Quarantined> quarantine = new CollectionAccumulator<>();
    context.sc().register(quarantine, "quarantined");
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(conf));
    try {
      JavaRDD<Row> rows =
          context
              .parallelize(chunks, chunks.size())
              .flatMap(new FileReading(root, settings.limits(), hadoop, quarantine));
      String description = "ingest: reading %,d files of %s".formatted(sources.size(), split);
      JobGroup.run(
          session,
          description,
          () -> {
            RowFiles.write(session.createDataFrame(rows, RowFiles.COLUMNS), target);
            return null;
          });
      return quarantine.value();
    } finally {
      hadoop.destroy();
    }
  }

  private static List<Quarantined> unreadable(Listing listing) {
    List<Quarantined> entries = new ArrayList<>();
    listing
        .problems()
        .forEach(
            (path, problem) ->
                entries.add(
                    new Quarantined(
                        path, DatasetSchema.EXTRA, Quarantined.UNREADABLE, problem.text(), null)));
    return entries;
  }

  private void writeQuarantine(List<Quarantined> quarantined, Path target) {
    StructType schema = DatasetSchema.QUARANTINE;
    List<Row> rows = quarantined.stream().map(Quarantined::toRow).toList();
    JobGroup.run(
        session,
        "ingest: writing the quarantine",
        () -> {
          session.createDataFrame(rows, schema).coalesce(1).write().parquet(target.toString());
          return null;
        });
  }

  /** The rows that were written; {@code withImages} are the classes that have rows. */
  private record Content(
      Map<String, Long> rowsPerSplit, Set<String> withImages, Duplicates duplicates) {}

  private static Content content(Dataset<Row> rows, int files) {
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
      Plan plan, Listing listing, Map<String, Long> rowsPerSplit, List<Quarantined> quarantined) {
    for (String split : SPLITS) {
      long files = plan.sources().getOrDefault(split, List.of()).size();
      files += split.equals(DatasetSchema.EXTRA) ? listing.problems().size() : 0;
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
  private static List<String> notes(Plan plan, Set<String> withImages) {
    List<String> notes = new ArrayList<>(List.of(plan.words()));
    Map<String, List<String>> alike = new TreeMap<>();
    for (String label : plan.classes()) {
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
