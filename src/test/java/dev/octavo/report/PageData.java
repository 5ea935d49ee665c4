package dev.octavo.report;

import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.BundleWriterContentBuilder;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.QuantizationFiguresOnValBuilder;
import dev.octavo.bundle.QuantizationManifestBuilder;
import dev.octavo.bundle.TrainingFigures;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.demo.DemoImages;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Outputs;
import dev.octavo.ingest.Ingest;
import dev.octavo.ingest.IngestSettings;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Precision;
import dev.octavo.score.GeneratedScores;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;

/** Artifacts to make pages of: the demo's images, and models that answer sensibly. */
final class PageData {
  private static final Outputs ALL = new Outputs(5, true, true, 0);
  private static final List<String> METHODS = List.of("minmax", "percentile", "mse", "entropy");

  private static ReportSettings shared;

  private final Configuration conf = new Configuration();
  private final java.nio.file.Path directory;
  private Path dataset;
  private Manifest data;
  private List<String> classes;
  private List<GeneratedScores.Model> models;

  PageData(java.nio.file.Path directory) {
    this.directory = directory;
  }

  /** The settings of {@link #demo}, of which a JVM makes the page once, for all of its tests. */
  static synchronized ReportSettings sharedDemo() throws IOException, InterruptedException {
    if (shared == null) {
      java.nio.file.Path directory = Files.createTempDirectory("page");
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> FileUtils.deleteQuietly(directory.toFile())));
      ReportSettings settings = new PageData(directory).demo();
      new Report(new Configuration(), settings).execute();
      shared = settings;
    }
    return shared;
  }

  Path place(String name) {
    return new Path(directory.resolve(name).toUri());
  }

  /** A page with every section, of 67 classes: two int8 models, two runs, val, a reference. */
  ReportSettings demo() throws IOException, InterruptedException {
    publishData();
    publishModels();
    Path scores = scores("scores", DatasetSchema.TEST, models, "one", 30, 0);
    GeneratedScores.Model changed = model("int8", Precision.INT8, 0.8, 24_200_000, "train", "max");
    Path later = scores("later", DatasetSchema.TEST, List.of(models.get(0), changed), "two", 22, 0);
    Path val = scores("val", DatasetSchema.VAL, models, "one", 30, 0);
    Path train = scores("train", DatasetSchema.TRAIN, models.subList(0, 1), "one", 30, -0.5);
    return new ReportSettings(
        List.of(scores, later),
        place("demo.html"),
        Optional.of(val),
        Optional.of(train),
        ReportSettings.Images.EMBEDDED,
        OptionalDouble.of(0.05));
  }

  /** A page of images whose classes are unknown; every thousandth can't be read. */
  ReportSettings unlabelled(int images) throws IOException {
    return folder("unlabelled", new GeneratedScores.Numbered("/data/new", images, 0, 1000));
  }

  /** A page of files none of which can be read. */
  ReportSettings errorsOnly(int files) throws IOException {
    return folder("errors", new GeneratedScores.Numbered("/data/broken", files, 0, 1));
  }

  private ReportSettings folder(String name, GeneratedScores.Images images) throws IOException {
    List<GeneratedScores.Model> gone =
        List.of(
            new GeneratedScores.Model(
                "float", "file:/models/float", "sha256:1", Precision.FP32, 0, 94_400_000),
            new GeneratedScores.Model(
                "int8", "file:/models/int8", "sha256:2", Precision.INT8, 0.3, 23_800_000));
    Path scores =
        new GeneratedScores(
                names(), gone, images, Outputs.top(5), "", "worker-1.example.org", 30, 0)
            .publish(LocalCluster.session(), place(name));
    return ReportSettings.of(scores, place(name + ".html"));
  }

  /** Class names of many lengths. */
  private static List<String> names() {
    return IntStream.range(0, 67)
        .mapToObj(
            i -> i % 9 == 4 ? "restaurant_kitchen_%02d".formatted(i) : "room_%02d".formatted(i))
        .toList();
  }

  private void publishData() throws IOException, InterruptedException {
    DemoImages.Result photos =
        new DemoImages(conf, new DemoImages.Settings(place("photos"), 10, 8, 17)).execute();
    java.nio.file.Path images = java.nio.file.Path.of(photos.images().toUri());
    // The same file in train and in test, under the same label and under another.
    copy(images, "bakery/bakery_train_003.jpg", "bakery/bakery_test_002.jpg");
    copy(images, "bar/bar_train_004.jpg", "gym/gym_test_001.jpg");
    IngestSettings settings =
        new IngestSettings(
            photos.images(),
            new IngestSettings.ByLists(photos.trainList(), photos.testList(), 0.2),
            17,
            DecodeLimits.DEFAULT,
            place("data"),
            Destination.IfExists.FAIL);
    dataset = new Ingest(LocalCluster.session(), settings).execute().dataset();
    DatasetArtifact artifact = DatasetArtifact.open(LocalCluster.session(), dataset);
    data = artifact.manifest();
    classes = artifact.classes();
  }

  private static void copy(java.nio.file.Path images, String from, String to) throws IOException {
    Files.write(images.resolve(to), Files.readAllBytes(images.resolve(from)));
  }

  private void publishModels() throws IOException {
    Network network = ResNet.RESNET50.network(classes.size());
    var val = new TrainingFigures.OnVal(0.61, 0.842, 0.981, 0.839);
    Map<String, Object> figures =
        RecordEntries.of(new TrainingFigures(20, 536, 134, 0.3, 0.93, Optional.of(val)));
    Path model =
        bundle(
            "float",
            network,
            Optional.empty(),
            Map.of("seed", 17, "epochs", 20),
            figures,
            Map.of(ModelBundle.HISTORY_FILE, history()));
    String id = Artifacts.manifest(conf, model, ModelBundle.KIND).id();
    models =
        List.of(
            new GeneratedScores.Model("float", model.toString(), id, Precision.FP32, 0, 94_400_000),
            model("int8", Precision.INT8, 0.35, 23_800_000, "train", "mse"),
            model("int8-random", Precision.INT8, 2.5, 23_800_000, "random", "minmax"));
  }

  private GeneratedScores.Model model(
      String name, Precision precision, double noise, long bytes, String calibration, String method)
      throws IOException {
    Map<String, Object> settings =
        new TreeMap<>(
            RecordEntries.of(
                QuantizationManifestBuilder.builder()
                    .calibrationData(calibration)
                    .calibrationImages(512)
                    .calibrationSample(Optional.empty())
                    .seed(17)
                    .method(method)
                    .refinements(List.of("bias correction"))
                    .floatLayers(List.of("layer1.0.conv1"))
                    .methodAskedFor(method)
                    .maxDrop(1)
                    .minAgreement(0.98)
                    .maxFloatLayers(7)
                    .build()));
    Map<String, Double> layers = new TreeMap<>();
    layerNames().forEach(layer -> layers.put(layer, 18 + layer.hashCode() % 9 * 1.7));
    QuantizationFigures.OnVal val =
        QuantizationFiguresOnValBuilder.builder()
            .valFloatTop1(0.842)
            .valInt8Top1(0.8395)
            .valFloatMeanPerClass(0.839)
            .valInt8MeanPerClass(0.8371)
            .valAgreement(0.981)
            .valLogitsSqnrDecibels(24.6)
            .valLayerSqnrDecibels(layers)
            .variant(Optional.empty())
            .build();
    Map<String, Object> figures =
        RecordEntries.of(
            new QuantizationFigures(
                94_400_000,
                "passed",
                List.of("mse: top-1 84.20 % -> 83.95 %: passes"),
                Optional.of(layers),
                Optional.of(val)));
    String place = name + "-" + Math.round(noise * 100);
    Path bundle =
        bundle(
            place,
            ResNet.RESNET50.network(classes.size()),
            Optional.of(new BundleManifest.Int8(CpuTarget.VNNI, true)),
            settings,
            figures,
            Map.of(CalibrationRecord.FILE_NAME, calibration(method).toJson()));
    return new GeneratedScores.Model(
        name,
        bundle.toString(),
        Artifacts.manifest(conf, bundle, ModelBundle.KIND).id(),
        precision,
        noise,
        bytes);
  }

  private Path bundle(
      String name,
      Network network,
      Optional<BundleManifest.Int8> int8,
      Map<String, Object> settings,
      Map<String, Object> figures,
      Map<String, String> texts)
      throws IOException {
    try (Staging staging =
        Staging.open(conf, place(name), ModelBundle.KIND, Destination.IfExists.FAIL, List.of())) {
      return BundleWriter.publish(
          staging,
          BundleWriterContentBuilder.builder()
              .about(
                  new BundleWriter.Description(
                      network, classes, Preprocessing.ofSize(224), int8, Optional.empty()))
              .program(out -> out.write(name.getBytes(StandardCharsets.UTF_8)))
              .variant(Optional.empty())
              .texts(texts)
              .parents(Map.of("data", data.id()))
              .settings(settings)
              .figures(figures)
              .build());
    }
  }

  private static String history() {
    StringBuilder csv =
        new StringBuilder(
            "epoch,train_loss,train_top1,val_loss,val_top1,val_mean_per_class,learning_rate,"
                + "images_per_second,compute_ms,communication_ms,wait_ms\n");
    for (int e = 1; e <= 20; e++) {
      double left = Math.exp(-e / 6.0);
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%.4f,%.4f,%.4f,%.4f,%.4f,%.5f,%.1f,%.1f,%.1f,%.1f\n",
              e,
              0.3 + 3.6 * left,
              0.95 - 0.9 * left,
              0.7 + 3 * left,
              0.85 - 0.8 * left,
              0.84 - 0.8 * left,
              0.05 * (1 + Math.cos(Math.PI * e / 20)),
              38.0 + e % 3,
              540.0,
              60.0 + e % 4,
              11.0));
    }
    return csv.toString();
  }

  private static List<String> layerNames() {
    List<String> names = new ArrayList<>(List.of("conv1"));
    int[] blocks = {3, 4, 6, 3};
    for (int stage = 0; stage < blocks.length; stage++) {
      for (int block = 0; block < blocks[stage]; block++) {
        for (int conv = 1; conv <= 3; conv++) {
          names.add("layer%d.%d.conv%d".formatted(stage + 1, block, conv));
        }
      }
    }
    return names;
  }

  /** Half-normal activations with a tail, as those behind a ReLU are. */
  private static CalibrationRecord calibration(String method) {
    List<CalibrationRecord.Activation> activations = new ArrayList<>();
    for (String layer : layerNames()) {
      double high = 2 + Math.abs(layer.hashCode() % 70) / 10.0;
      List<Long> counts = new ArrayList<>();
      double signal = 0;
      for (int bin = 0; bin < CalibrationRecord.BINS; bin++) {
        double x = (bin + 0.5) / CalibrationRecord.BINS * 8;
        long count = Math.round(4e6 * Math.exp(-x * x / 2) + (bin % 7 == 0 ? 3 : 0));
        counts.add(count);
        signal += count * x * x;
      }
      double total = signal;
      activations.add(
          new CalibrationRecord.Activation(
              layer,
              0,
              high,
              signal,
              counts,
              METHODS.stream()
                  .map(
                      m ->
                          new CalibrationRecord.ChosenRange(
                              m,
                              0,
                              high * (1 - 0.17 * METHODS.indexOf(m)),
                              total / Math.pow(10, 3.2 + 0.2 * METHODS.indexOf(m))))
                  .toList()));
    }
    return new CalibrationRecord(METHODS.contains(method) ? method : "minmax", activations);
  }

  private Path scores(
      String name,
      String split,
      List<GeneratedScores.Model> by,
      String host,
      double millis,
      double shift)
      throws IOException {
    List<String> paths =
        DatasetArtifact.open(LocalCluster.session(), dataset)
            .split(split)
            .select(DatasetSchema.PATH)
            .as(Encoders.STRING())
            .collectAsList();
    return new GeneratedScores(
            classes,
            by,
            new GeneratedScores.Labelled(
                dataset.toString(), split, List.copyOf(new TreeSet<>(paths)), classes),
            ALL,
            data.id(),
            "worker-%s.example.org".formatted(host),
            millis,
            shift)
        .publish(LocalCluster.session(), place(name));
  }
}
