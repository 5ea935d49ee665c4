package dev.octavo.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.cli.TrainCommand;
import dev.octavo.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The page of a dataset with images in two splits, three models, two runs and a reference. */
class WholePageTest {
  @TempDir private static Path work;
  private static ReportSettings settings;
  private static String page;

  @BeforeAll
  static void makePage() throws IOException, InterruptedException {
    settings = PageData.sharedDemo();
    page = Files.readString(Path.of(settings.out().toUri()));
  }

  private static String page(ReportSettings settings) throws IOException {
    return Files.readString(
        Path.of(new Report(new Configuration(), settings).execute().out().toUri()));
  }

  /** The text that a reader sees, a space for each tag. */
  private static String text(String html) {
    return html.replaceAll("(?s)<(style|script)>.*?</\\1>", " ")
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  @Test
  void comparesRunsImageByImage() {
    assertThat(text(page))
        .contains("The runs", "worker-two.example.org", "worker-one.example.org")
        .contains("float of run 2 float of run 1 yes 536 100.00 % 0.00")
        .containsPattern("int8 of run 2 int8 of run 1 no 536 \\d\\d\\.\\d\\d %");
  }

  @Test
  void saysHowFarTheImagesAreFromTheReference() {
    assertThat(text(page))
        .containsPattern("\\d+\\.\\d % of 536 images are unlike anything in the reference")
        .contains("Distances between the answers", "The 200 farthest images");
  }

  /** The same images as the reference's differ in nothing that a test would show. */
  @Test
  void findsNoDriftWhereThereIsNone() throws IOException {
    ReportSettings same =
        new ReportSettings(
            List.of(settings.scores().get(1)),
            new org.apache.hadoop.fs.Path(work.resolve("same.html").toUri()),
            Optional.empty(),
            Optional.of(settings.scores().get(0)),
            ReportSettings.Images.LEFT_OUT,
            OptionalDouble.empty());
    Matcher classes =
        Pattern.compile("total variation, chi-squared\\) ([\\d.]+) (\\S+) ")
            .matcher(text(page(same)));
    assertThat(classes.find()).isTrue();
    assertThat(Double.parseDouble(classes.group(1))).isZero();
    assertThat(Double.parseDouble(classes.group(2))).isEqualTo(1);
  }

  @Test
  void findsImagesThatTrainHasToo() {
    assertThat(text(page))
        .contains("Images in more than one split")
        .contains(
            "bakery/bakery_test_002.jpg bakery train bakery/bakery_train_003.jpg bakery same file")
        .contains(
            "gym/gym_test_001.jpg gym train bar/bar_train_004.jpg bar same file, labels differ")
        .contains("Top-1 accuracy without them: float ");
  }

  @Test
  void listsLabelsThatMayBeWrong() {
    assertThat(text(page)).containsPattern("Labels that may be wrong .* All \\d+ candidates");
  }

  @Test
  void showsRangesAndAllWaysOfQuantizing() {
    assertThat(text(page))
        .contains("Ways of quantizing, side by side")
        .contains("int8-random random 512 minmax bias correction 1")
        .contains("Calibration methods for int8, by the activations alone")
        .contains("Layers of int8 left in float32")
        .contains("layer4.2.conv3");
  }

  @Test
  void aVerySmallPValueIsABound() {
    assertThat(text(page))
        .contains("(McNemar’s exact test, p &lt; 0.0001).")
        .doesNotContain("p = 0.0)");
  }

  @Test
  void theCommandsRepeatThePage() {
    assertThat(text(page))
        .containsPattern(
            "jobs/ingest --images \\S+/photos/Images --train-list TRAIN_LIST --test-list TEST_LIST"
                + " --val-fraction 0.2 --seed 17 --out \\S+/data jobs/")
        .containsPattern("jobs/train --data \\S+/data --network resnet50 .*--epochs 20 --seed 17")
        .containsPattern(
            "jobs/score .*--split test --precision fp32 --top-k 5 --probabilities --embeddings")
        .contains("jobs/report --scores " + settings.scores().get(0))
        .contains("--reference " + settings.reference().orElseThrow());
  }

  @Test
  void theCommandThatTrainsHasOptionsThatThereAre() {
    CommandSpec train = new CommandLine(TrainCommand.class).getCommandSpec();
    assertThat(Commands.TRAINING).allMatch(o -> train.findOption(o.getValue()) != null);
  }

  /** Besides what {@code train} records of the run itself. */
  @Test
  void theCommandThatTrainsReadsSettingsThatThereAre() {
    List<String> known =
        Stream.concat(
                Stream.of("weights", "workers", "compute"),
                Stream.concat(keys(Recipe.class, ""), keys(BundleManifest.class, "")))
            .toList();
    assertThat(Commands.TRAINING).allMatch(option -> known.contains(option.getKey()));
  }

  private static Stream<String> keys(Class<?> type, String prefix) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            c ->
                c.getType().isRecord()
                    ? keys(c.getType(), prefix + c.getName() + ".")
                    : Stream.of(prefix + c.getName()));
  }

  @Test
  void theGraphStartsWithTheImages() {
    assertThat(text(page))
        .containsPattern("images folder Images dataset [0-9a-f]{12} seed 17")
        .containsPattern("dataset [0-9a-f]{12} ← images");
  }

  @Test
  void refusesAReferenceThatSaysNothing() throws IOException {
    org.apache.hadoop.fs.Path scores = settings.scores().get(0);
    assertRefused(scores, scores, "is --scores itself: name scores of the test split");
    PageData others = new PageData(Files.createDirectory(work.resolve("others")));
    assertRefused(
        scores,
        others.errorsOnly(3).scores().get(0),
        "is by none of the models of --scores: score both with the same bundle");
    assertThatThrownBy(
            () ->
                new ReportSettings(
                    List.of(scores, scores),
                    settings.out(),
                    Optional.empty(),
                    Optional.empty(),
                    ReportSettings.Images.LEFT_OUT,
                    OptionalDouble.empty()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("one directory or several different ones");
  }

  private static void assertRefused(
      org.apache.hadoop.fs.Path scores, org.apache.hadoop.fs.Path reference, String message) {
    ReportSettings refused =
        new ReportSettings(
            List.of(scores),
            new org.apache.hadoop.fs.Path(work.resolve("refused.html").toUri()),
            Optional.empty(),
            Optional.of(reference),
            ReportSettings.Images.LEFT_OUT,
            OptionalDouble.empty());
    assertThatThrownBy(() -> new Report(new Configuration(), refused).execute())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining(message);
    assertThat(work.resolve("refused.html")).doesNotExist();
  }
}
