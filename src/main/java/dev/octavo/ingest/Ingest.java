package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetManifestBuilder;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitLists;
import dev.octavo.ingest.IngestSettings.ByFolders;
import dev.octavo.ingest.IngestSettings.ByLists;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** The stage {@code ingest}: a folder of images becomes a dataset. */
public final class Ingest {
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
      return new Publication(session, settings, staging)
          .publish(seen(plan, listing), quarantined, recorded(plan, listing.root(), lists));
    }
  }

  private static Publication.Seen seen(Plan plan, Listing listing) {
    Map<String, Long> files = new TreeMap<>();
    plan.sources().forEach((split, sources) -> files.put(split, (long) sources.size()));
    files.merge(DatasetSchema.EXTRA, (long) listing.problems().size(), Long::sum);
    return new Publication.Seen(
        files, listing.skipped(), listing.bytes(), plan.renamed(), plan.words());
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
    return DatasetManifestBuilder.builder()
        .classes(plan.classes())
        .images(root)
        .seed(settings.seed())
        .limits(settings.limits())
        .lists(
            lists.map(
                read ->
                    new DatasetManifest.Lists(
                        read.trainSha256(),
                        read.testSha256(),
                        ((ByLists) settings.splitting()).valFraction())))
        .split(lists.isPresent() ? Optional.empty() : Optional.of(plan.words()))
        .table(Optional.empty())
        .build();
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
              .flatMap(new FileReading(root, new RowMaker(settings.limits(), quarantine), hadoop));
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
}
