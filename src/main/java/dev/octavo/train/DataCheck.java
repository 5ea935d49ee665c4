package dev.octavo.train;

import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.ParquetRows;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.dataset.DataCheckSchema;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.Engine;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.LabelCheck;
import dev.octavo.metrics.NearestNeighbours;
import dev.octavo.metrics.NearestNeighbours.Neighbour;
import dev.octavo.spark.JobGroup;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A look at the labelled images with the features of the initial weights, which have not seen their
 * labels: which labels may be wrong ({@link LabelCheck}), and which images of two splits are alike
 * ({@link NearestNeighbours}). One forward pass over the images; the rest is the driver's.
 */
final class DataCheck {
  /** Of more images a part is looked at: 20,000 × 2,048 floats are 160 MB on the driver. */
  private static final int MOST_IMAGES = 20_000;

  private static final int BATCH = 16;
  private static final List<String> SPLITS =
      List.of(DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.TEST);

  private final SparkSession spark;
  private final TrainingJob job;
  private final int threads;

  DataCheck(SparkSession spark, TrainingJob job, int threads) {
    this.spark = spark;
    this.job = job;
    this.threads = threads;
  }

  /** An image's file on its way to its features. */
  @SuppressWarnings("ArrayRecordComponent") // on its way, never compared
  private record Image(String split, String path, int label, byte[] file) implements Serializable {}

  /** An image's features. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Features(String split, String path, int label, float[] values)
      implements Serializable {}

  /**
   * Writes the table.
   *
   * @param program where the program for the executors is put meanwhile
   * @param target directory of the table
   */
  void write(Path program, Path target) throws IOException {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    try (OutputStream out = program.getFileSystem(conf).create(program, true)) {
      ProgramWriter.portable(
              job.network(), job.initial().state(), job.recipe().preprocessing().normalization())
          .writeTo(out);
    }
    List<Features> images =
        JobGroup.run(
            spark, "train: features of the images, to check the data", () -> read(program));
    spark
        .createDataFrame(rows(images), DataCheckSchema.ROWS)
        .coalesce(1)
        .write()
        .parquet(target.toString());
  }

  private List<Features> read(Path program) {
    Object rows = job.data().artifact().manifest().figures().get("rows");
    long all = rows instanceof Number number ? number.longValue() : job.data().train().size();
    double share = (double) MOST_IMAGES / Math.max(1, all);
    FeatureTask task =
        new FeatureTask(
            program.toString(),
            job.recipe().preprocessing(),
            threads,
            new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    List<Features> features =
        new ArrayList<>(
            job.data()
                .artifact()
                .read(
                    SPLITS,
                    List.of(DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.IMAGE),
                    (split, row) -> {
                      String path = row.getString(DatasetSchema.PATH, 0);
                      return ParquetRows.has(row, DatasetSchema.LABEL_ID) && chosen(path, share)
                          ? Optional.of(
                              new Image(
                                  split,
                                  path,
                                  row.getInteger(DatasetSchema.LABEL_ID, 0),
                                  row.getBinary(DatasetSchema.IMAGE, 0).getBytes()))
                          : Optional.<Image>empty();
                    })
                .mapPartitions(task::compute)
                .collect());
    features.sort(Comparator.comparing(Features::split).thenComparing(Features::path));
    return features;
  }

  private static boolean chosen(String path, double share) {
    String hash = Hashes.sha256(path.getBytes(StandardCharsets.UTF_8));
    return Integer.parseInt(hash.substring(0, 7), 16) < share * (1 << 28);
  }

  /** The forward pass over a partition. */
  private record FeatureTask(
      String program, Preprocessing preprocessing, int threads, SerializableConfiguration hadoop)
      implements Serializable {
    Iterator<Features> compute(Iterator<Image> images) throws Exception {
      List<Features> features = new ArrayList<>();
      if (!images.hasNext()) {
        return features.iterator();
      }
      Engine.start(threads);
      int size = preprocessing.cropSize();
      ByteBuffer pixels = ByteBuffer.allocateDirect(BATCH * preprocessing.bytes());
      try (LoadedProgram loaded = load()) {
        while (images.hasNext()) {
          List<Image> batch = new ArrayList<>();
          pixels.clear();
          while (batch.size() < BATCH && images.hasNext()) {
            Image image = images.next();
            pixels.put(DatasetImages.crop(image.path(), image.file(), preprocessing));
            batch.add(image);
          }
          Tensor input =
              Tensor.of(DType.UINT8, new long[] {batch.size(), size, size, 3}, pixels.flip());
          float[] all = loaded.embed(input).features().toFloats();
          int width = all.length / batch.size();
          for (int i = 0; i < batch.size(); i++) {
            Image image = batch.get(i);
            float[] own = new float[width];
            System.arraycopy(all, i * width, own, 0, width);
            features.add(new Features(image.split(), image.path(), image.label(), own));
          }
        }
      }
      return features.iterator();
    }

    private LoadedProgram load() throws IOException {
      Path file = new Path(program);
      java.nio.file.Path copy = Files.createTempFile("octavo-features-", ".pt");
      try {
        try (InputStream in = file.getFileSystem(hadoop.value()).open(file);
            OutputStream out = Files.newOutputStream(copy)) {
          in.transferTo(out);
        }
        return LoadedProgram.load(copy, LoadedProgram.Mode.INFERENCE);
      } finally {
        Files.delete(copy);
      }
    }
  }

  private List<Row> rows(List<Features> images) {
    List<String> classes = job.data().artifact().classes();
    LabelCheck check =
        new LabelCheck(
            images.stream().map(Features::values).toList(),
            images.stream().mapToInt(Features::label).toArray(),
            classes.size());
    Map<String, List<Features>> others = new TreeMap<>();
    Map<String, NearestNeighbours> neighbours = new TreeMap<>();
    for (String split : SPLITS) {
      List<Features> elsewhere = images.stream().filter(i -> !i.split().equals(split)).toList();
      others.put(split, elsewhere);
      neighbours.put(
          split, new NearestNeighbours(elsewhere.stream().map(Features::values).toList()));
    }
    return IntStream.range(0, images.size())
        .parallel()
        .mapToObj(
            i -> {
              Features image = images.get(i);
              Neighbour nearest = neighbours.get(image.split()).nearest(image.values());
              Features other =
                  nearest.index() < 0 ? null : others.get(image.split()).get(nearest.index());
              int named = check.named(i);
              return RowFactory.create(
                  image.split(),
                  image.path(),
                  classes.get(image.label()),
                  classes.get(named),
                  check.probability(i, image.label()),
                  check.probability(i, named),
                  check.isDoubtful(i),
                  other == null ? null : other.split(),
                  other == null ? null : other.path(),
                  other == null ? null : nearest.distance());
            })
        .toList();
  }
}
