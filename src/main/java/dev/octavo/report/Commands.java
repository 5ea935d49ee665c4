package dev.octavo.report;

import static java.util.Map.entry;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.image.PreprocessingOverrides;
import dev.octavo.inference.Outputs;
import dev.octavo.report.ReportInputs.Dataset;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.InputSource;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.InputSource.PathList;
import dev.octavo.results.InputSource.Split;
import dev.octavo.results.ScoresManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** The commands that repeat a page, from the folder of images on, as far as artifacts tell. */
record Commands(ReportInputs inputs, ReportSettings settings) {
  private static final Pattern OPTION = Pattern.compile("--[a-z0-9-]+");

  /** Settings of a bundle that was trained, each with the option of {@code jobs/train} for it. */
  static final List<Map.Entry<String, String>> TRAINING =
      List.of(
          entry("network", "--network"),
          entry("weights", "--weights"),
          entry("preprocessing.cropSize", "--image-size"),
          entry("epochs", "--epochs"),
          entry("batchSize", "--batch-size"),
          entry("globalBatchSize", "--global-batch-size"),
          entry("accumulate", "--accumulate"),
          entry("optimizer.algorithm", "--optimizer"),
          entry("optimizer.learningRate", "--learning-rate"),
          entry("optimizer.backboneFactor", "--backbone-lr-factor"),
          entry("layerDecay", "--layer-decay"),
          entry("samRho", "--sam-rho"),
          entry("optimizer.momentum", "--momentum"),
          entry("optimizer.weightDecay", "--weight-decay"),
          entry("optimizer.clipNorm", "--clip-norm"),
          entry("schedule.shape", "--schedule"),
          entry("schedule.warmupEpochs", "--warmup-epochs"),
          entry("schedule.stepEpochs", "--step-epochs"),
          entry("schedule.stepFactor", "--step-factor"),
          entry("augmentation.crop", "--crop"),
          entry("augmentation.minArea", "--min-area"),
          entry("augmentation.flipProbability", "--flip"),
          entry("augmentation.colorJitter", "--color-jitter"),
          entry("augmentation.randomErasing", "--random-erasing"),
          entry("augmentation.policy", "--augment"),
          entry("dropoutFactor", "--dropout-factor"),
          entry("repeats", "--repeats"),
          entry("loss.mixup", "--mixup"),
          entry("loss.cutmix", "--cutmix"),
          entry("loss.labelSmoothing", "--label-smoothing"),
          entry("loss.classWeights", "--class-weights"),
          entry("batchNorm", "--batch-norm"),
          entry("frozen", "--freeze"),
          entry("residualGamma", "--residual-gamma"),
          entry("ema", "--ema"),
          entry("patience", "--patience"),
          entry("compute", "--precision"),
          entry("commDtype", "--comm-dtype"),
          entry("workers", "--workers"),
          entry("seed", "--seed"));

  /** The commands, a line each. */
  String html() {
    List<String> lines = new ArrayList<>();
    inputs.dataset().ifPresent(dataset -> lines.add(ingest(dataset)));
    for (Model model : inputs.models()) {
      model.training().ifPresent(manifest -> lines.add(train(model, manifest)));
    }
    for (Model model : inputs.models()) {
      model.quantization().ifPresent(made -> lines.add(quantize(model, made)));
    }
    lines.add(score());
    lines.add(report());
    StringBuilder commands = new StringBuilder();
    for (String line : lines) {
      // A line is broken between options, not within "--".
      String text = OPTION.matcher(Html.text(line)).replaceAll("<span>$0</span>");
      commands.append("<code>%s\n</code>".formatted(text));
    }
    return Html.heading("Commands that repeat it")
        + "<pre class=\"commands\" tabindex=\"0\">%s</pre>\n".formatted(commands)
        + Html.note(
            "Words in capitals stand for what the artifacts don’t tell; settings that these"
                + " commands don’t name are in the tables below.");
  }

  private String ingest(Dataset dataset) {
    DatasetManifest made = dataset.settings();
    List<String> words = new ArrayList<>(List.of("jobs/ingest"));
    words.addAll(
        List.of(made.table().isPresent() ? "--table" : "--images", made.images().toString()));
    made.table()
        .ifPresent(
            table -> {
              words.addAll(List.of("--format", table.format()));
              words.addAll(List.of("--image-column", table.image()));
              words.addAll(List.of("--label-column", table.label()));
              table.path().ifPresent(name -> words.addAll(List.of("--path-column", name)));
              table.split().ifPresent(name -> words.addAll(List.of("--split-column", name)));
            });
    made.lists()
        .ifPresent(
            lists -> {
              words.addAll(List.of("--train-list", "TRAIN_LIST", "--test-list", "TEST_LIST"));
              words.addAll(List.of("--val-fraction", String.valueOf(lists.valFraction())));
            });
    words.addAll(List.of("--seed", String.valueOf(made.seed())));
    words.addAll(List.of("--out", dataset.path().toString()));
    return line(words);
  }

  private String train(Model model, Manifest manifest) {
    List<String> words = new ArrayList<>(List.of("jobs/train", "--data", data(manifest)));
    for (Map.Entry<String, String> option : TRAINING) {
      Object value = manifest.settings().get(option.getKey());
      String text =
          value instanceof List<?> list
              ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
              : String.valueOf(value);
      boolean without = option.getKey().equals("weights") && text.equals("none");
      if (value != null && !text.isEmpty() && !without) {
        words.addAll(List.of(option.getValue(), text));
      }
    }
    Object first = manifest.settings().get("trainSizes.first");
    if (first != null) {
      Object last = manifest.settings().get("trainSizes.last");
      words.addAll(
          List.of(
              "--train-image-size", first.equals(last) ? first.toString() : first + "-" + last));
    }
    if ("classifier".equals(manifest.settings().get("scope"))) {
      words.add("--linear-probe");
    }
    words.addAll(confidence(manifest));
    words.addAll(List.of("--out", model.metrics().path()));
    return line(words);
  }

  private static List<String> confidence(Manifest manifest) {
    return manifest.settings().containsKey("confidenceTemperature")
        ? List.of("--calibrate-confidence")
        : List.of();
  }

  /** The dataset that an artifact was made from, where the page knows its place. */
  private String data(Manifest manifest) {
    return inputs
        .dataset()
        .filter(dataset -> dataset.manifest().id().equals(manifest.parents().get(ParentRole.DATA)))
        .map(dataset -> dataset.path().toString())
        .orElse("DATASET");
  }

  /** The command that made an int8 bundle, if its float model and data are on the page, too. */
  private String quantize(Model model, QuantizationManifest made) {
    Manifest manifest = model.manifest().orElseThrow();
    String parent = manifest.parents().getOrDefault(ParentRole.MODEL, "");
    String path =
        inputs.models().stream()
            .filter(
                m ->
                    parent.equals(
                        inputs.manifest().parents().get(ParentRole.model(m.metrics().name()))))
            .map(m -> m.metrics().path())
            .findFirst()
            .orElse("MODEL");
    List<String> words = new ArrayList<>(List.of("jobs/quantize", "--model", path));
    words.addAll(List.of("--data", data(manifest), "--calibration-data", made.calibrationData()));
    words.addAll(List.of("--calibration-images", String.valueOf(made.calibrationImages())));
    words.addAll(List.of("--seed", String.valueOf(made.seed())));
    words.addAll(List.of("--max-drop", String.valueOf(made.maxDrop())));
    words.addAll(List.of("--min-agreement", String.valueOf(made.minAgreement())));
    BundleManifest.read(manifest, new Path(model.metrics().path()))
        .int8()
        .ifPresent(
            int8 -> {
              words.addAll(List.of("--target", int8.target().id()));
              int8.fallback().ifPresent(f -> words.addAll(List.of("--fallback", f.id())));
            });
    words.addAll(confidence(manifest));
    words.addAll(List.of("--out", model.metrics().path()));
    return line(words);
  }

  private String score() {
    List<String> words = new ArrayList<>(List.of("jobs/score"));
    inputs.models().forEach(m -> words.addAll(List.of("--model", m.metrics().path())));
    ScoresManifest made = inputs.run().settings();
    words.addAll(options(made.source()));
    words.addAll(List.of("--precision", made.precision().id()));
    words.addAll(options(made.outputs()));
    made.onnx().ifPresent(onnx -> words.addAll(options(onnx)));
    words.addAll(List.of("--out", inputs.run().scores().toString()));
    return line(words);
  }

  private static List<String> options(Outputs outputs) {
    List<String> words = new ArrayList<>(List.of("--top-k", String.valueOf(outputs.topK())));
    if (outputs.probabilities()) {
      words.add("--probabilities");
    }
    if (outputs.embeddings()) {
      words.add("--embeddings");
    }
    if (outputs.minConfidence() > 0) {
      words.addAll(List.of("--min-confidence", String.valueOf(outputs.minConfidence())));
    }
    if (outputs.views() != Outputs.Views.ONE) {
      words.addAll(List.of("--views", RecordEntries.id(outputs.views())));
    }
    return words;
  }

  private static List<String> options(OnnxOptions onnx) {
    List<String> words = new ArrayList<>();
    PreprocessingOverrides images = onnx.preprocessing();
    onnx.classes().ifPresent(list -> words.addAll(List.of("--classes", list.toString())));
    images.imageSize().ifPresent(s -> words.addAll(List.of("--image-size", s.toString())));
    images.resizeSize().ifPresent(s -> words.addAll(List.of("--resize-size", s.toString())));
    images
        .interpolation()
        .ifPresent(i -> words.addAll(List.of("--interpolation", RecordEntries.id(i))));
    if (!images.mean().isEmpty()) {
      words.addAll(List.of("--mean", numbers(images.mean())));
    }
    if (!images.std().isEmpty()) {
      words.addAll(List.of("--std", numbers(images.std())));
    }
    return words;
  }

  private static String numbers(List<Double> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static List<String> options(InputSource source) {
    if (source instanceof Split split) {
      return List.of("--data", split.dataset().toString(), "--split", split.split());
    }
    if (source instanceof PathList list) {
      return List.of("--list", list.list().toString(), "--path-column", list.pathColumn());
    }
    if (source instanceof InputSource.Table table) {
      List<String> words =
          new ArrayList<>(List.of("--table", table.table(), "--format", table.format()));
      words.addAll(List.of("--image-column", table.imageColumn()));
      words.addAll(List.of("--path-column", table.pathColumn()));
      table.labelColumn().ifPresent(column -> words.addAll(List.of("--label-column", column)));
      return words;
    }
    return List.of("--images", ((Folder) source).directory().toString());
  }

  private String report() {
    List<String> words = new ArrayList<>(List.of("jobs/report"));
    inputs.runs().forEach(run -> words.addAll(List.of("--scores", run.scores().toString())));
    settings.reference().ifPresent(r -> words.addAll(List.of("--reference", r.toString())));
    settings.valScores().ifPresent(v -> words.addAll(List.of("--val-scores", v.toString())));
    if (settings.images() == ReportSettings.Images.LEFT_OUT) {
      words.add("--no-images");
    }
    settings
        .pricePerCoreHour()
        .ifPresent(p -> words.addAll(List.of("--price-per-core-hour", String.valueOf(p))));
    words.addAll(List.of("--out", settings.out().toString()));
    return line(words);
  }

  /** Words as a shell takes them. */
  private static String line(List<String> words) {
    return String.join(
        " ",
        words.stream()
            .map(w -> w.matches("[A-Za-z0-9_./:=@%+,-]+") ? w : "'" + w.replace("'", "'\\''") + "'")
            .toList());
  }
}
