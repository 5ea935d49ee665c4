package dev.octavo;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.octavo.cli.Octavo;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.engine.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Dependencies point one way: cli or ml, then a stage, then the rest. */
@AnalyzeClasses(packages = "dev.octavo", importOptions = ArchitectureTest.OfMain.class)
final class ArchitectureTest {
  private static final Path SOURCES = Path.of("src/main/java");

  /** The packages of the jobs. */
  private static final List<String> STAGES =
      Stream.of(Octavo.class.getAnnotation(CommandLine.Command.class).subcommands())
          .map(command -> command.getAnnotation(CommandLine.Command.class).name())
          .map(JobPackages::of)
          .toList();

  /** Classes that are no tests: each line of Spark has its own folder of them. */
  static final class OfMain implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  private static String in(String name) {
    return "dev.octavo." + name + "..";
  }

  @ArchTest
  static final ArchRule THE_COMMAND_LINE_IS_AT_THE_TOP =
      noClasses()
          .that(not(resideInAPackage(in("cli"))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("cli"));

  @ArchTest
  static void stagesMeetOnlyInArtifacts(JavaClasses classes) {
    for (String stage : STAGES) {
      String[] others =
          STAGES.stream()
              .filter(other -> !other.equals(stage))
              .map(ArchitectureTest::in)
              .toArray(String[]::new);
      noClasses()
          .that(resideInAPackage(in(stage)))
          .should()
          .dependOnClassesThat(resideInAnyPackage(others))
          .check(classes);
    }
  }

  @ArchTest
  static void whatIsBelowTheStagesKnowsNoStage(JavaClasses classes) {
    String[] stages = STAGES.stream().map(ArchitectureTest::in).toArray(String[]::new);
    noClasses()
        .that(not(resideInAnyPackage(stages)))
        .and(not(resideInAnyPackage(in("cli"), in("ml"))))
        .should()
        .dependOnClassesThat(resideInAnyPackage(stages))
        .check(classes);
  }

  /** What predicts in other people's programs brings nothing of how models are made. */
  @ArchTest
  static void onlyTheLibrarysEstimatorsCallStages(JavaClasses classes) {
    String[] stages = STAGES.stream().map(ArchitectureTest::in).toArray(String[]::new);
    noClasses()
        .that(resideInAPackage(in("ml")))
        .and(
            not(
                simpleName("OctavoEstimator")
                    .or(simpleName("OctavoQuantizer"))
                    .or(simpleName("RunParams"))
                    .or(simpleName("OptimizerParams"))
                    .or(simpleName("LossParams"))
                    .or(simpleName("AugmentationParams"))
                    .or(simpleName("RecipeParams"))
                    .or(simpleName("QuantizerParams"))
                    .or(simpleName("LabelledTable"))))
        .should()
        .dependOnClassesThat(resideInAnyPackage(stages))
        .check(classes);
  }

  @ArchTest
  static final ArchRule NETWORKS_WEIGHTS_METRICS_AND_IMAGES_KNOW_NOTHING_OF_SPARK =
      noClasses()
          .that()
          .resideInAnyPackage(
              in("network"),
              in("tensor"),
              in("torchscript"),
              in("protobuf"),
              in("onnx"),
              in("weights"),
              in("metrics"),
              in("image"),
              in("program"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..");

  @ArchTest
  static final ArchRule TRACKING_KNOWS_NEITHER_SPARK_NOR_ANY_OTHER_PACKAGE_BUT_THE_WIRE_FORMAT =
      noClasses()
          .that()
          .resideInAPackage(in("tracking"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.apache.spark..", "scala..")
                  .or(
                      resideInAPackage("dev.octavo.*..")
                          .and(not(resideInAnyPackage(in("tracking"), in("protobuf"))))));

  @ArchTest
  static final ArchRule THE_LIBRARY_USES_THE_STAGES_THAT_MAKE_MODELS_AND_WHAT_PREDICTS =
      noClasses()
          .that()
          .resideInAPackage(in("ml"))
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.octavo.*..")
                  .and(
                      not(
                          resideInAnyPackage(
                              in("ml"),
                              in("ingest"),
                              in("train"),
                              in("quantize"),
                              in("artifact"),
                              in("dataset"),
                              in("inference"),
                              in("bundle"),
                              in("engine"),
                              in("image"),
                              in("network"),
                              in("program"),
                              in("spark"),
                              in("tracking"),
                              in("weights")))));

  @ArchTest
  static final ArchRule ONLY_THE_LIBRARY_KNOWS_SPARK_ML =
      noClasses()
          .that(not(resideInAPackage(in("ml"))))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(in("ml"), "org.apache.spark.ml..", "org.apache.spark.mllib..");

  @ArchTest
  static final ArchRule ONLY_THE_ENGINE_TALKS_TO_DJL =
      noClasses()
          .that(not(resideInAPackage(in("engine"))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule PREDICTING_NEEDS_NO_PARTICULAR_ENGINE =
      noClasses()
          .that()
          .resideInAnyPackage(in("inference"), in("score"), in("ml"))
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(LoadedProgram.class, OnnxModel.class);

  @ArchTest
  static final ArchRule ONLY_IMAGE_TALKS_TO_OPENCV =
      noClasses()
          .that(not(resideInAPackage(in("image"))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_PARSES_OPTIONS =
      noClasses()
          .that(not(resideInAPackage(in("cli"))))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("dev.octavo.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_WRITES_TO_STANDARD_OUTPUT =
      noClasses().that(not(resideInAPackage(in("cli")))).should().accessField(System.class, "out");

  /** But for rows of a format or of a network's table, each of which is made in one place. */
  @ArchTest
  static void recordsOfMoreThanSixComponentsAreMadeByTheirBuilders(JavaClasses classes) {
    assertThat(
            classes.stream()
                .filter(JavaClass::isRecord)
                .flatMap(record -> record.getConstructorCallsToSelf().stream())
                .filter(call -> call.getTarget().getRawParameterTypes().size() > 6)
                .filter(call -> !call.getOriginOwner().equals(call.getTargetOwner()))
                .filter(call -> !call.getOriginOwner().getSimpleName().endsWith("Builder"))
                .map(call -> call.getTargetOwner().getName().replace("dev.octavo.", ""))
                .distinct())
        .containsExactlyInAnyOrder(
            "image.codec.GifFrame", "network.GoogLeNet$Block", "network.Node$Conv");
  }

  static Stream<Path> packages() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      Set<Path> directories =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .collect(Collectors.toCollection(TreeSet::new));
      return directories.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("packages")
  void everyPackageSaysWhatItIsFor(Path directory) throws IOException {
    Path file = directory.resolve("package-info.java");
    assertThat(file).exists();
    assertThat(Files.readString(file)).startsWith("/**").hasSizeGreaterThan(120);
  }

  @Test
  void theReadmesMapShowsAllPackages() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String map = readme.substring(readme.indexOf("## The code"), readme.indexOf("package-info"));
    List<String> words = Pattern.compile("\\W+").splitAsStream(map).toList();
    try (Stream<Path> packages = Files.list(SOURCES.resolve("dev/octavo"))) {
      assertThat(packages.filter(Files::isDirectory).map(p -> p.getFileName().toString()))
          .isSubsetOf(words);
    }
  }
}
