package dev.octavo.ml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.cli.Jobs;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.OptionSpec;

/** The estimators' parameters are the jobs' options, with the same defaults. */
class ParamsOfJobsTest {
  /** What is about files, which a table takes the place of. */
  private static final Set<String> OF_FILES =
      Set.of("data", "out", "overwrite", "resume", "restart", "runDir", "teacherSplits");

  /** Demonstrations, what only prints, and what is left beside a model's files. */
  private static final Set<String> OF_THE_JOB_ALONE =
      Set.of("calibrationData", "sensitivity", "forecast", "checkData");

  @Test
  void theRecipeHasAllOptionsOfTrain() {
    compare("train", new OctavoEstimator());
  }

  @Test
  void theQuantizerHasAllOptionsOfQuantize() {
    compare("quantize", new OctavoQuantizer());
  }

  private static void compare(String job, FitParams<?> params) {
    Set<String> compared = new TreeSet<>();
    for (OptionSpec option : Jobs.options(job)) {
      String name = FitParams.camel(option.longestName().substring(2));
      if (OF_FILES.contains(name) || OF_THE_JOB_ALONE.contains(name)) {
        continue;
      }
      assertThat(params.hasParam(name)).as(name).isTrue();
      Param<Object> param = params.getParam(name);
      assertThat(text(params, param)).as(name).isEqualTo(text(option));
      compared.add(name);
    }
    Set<String> own =
        Arrays.stream(params.params())
            .map(Param::name)
            .collect(Collectors.toCollection(TreeSet::new));
    own.removeAll(compared);
    Set<String> ofTables =
        new TreeSet<>(
            Set.of(
                "inputCol",
                "labelCol",
                "pathCol",
                "validationIndicatorCol",
                "validationFraction",
                "outputCol",
                "workDir",
                "maxPixels",
                "maxBytes"));
    if (job.equals("quantize")) {
      ofTables.add("predictionCol");
    }
    assertThat(own).isEqualTo(ofTables);
  }

  private static String text(FitParams<?> params, Param<Object> param) {
    if (params.getDefault(param).isEmpty()) {
      return "";
    }
    Object value = params.getOrDefault(param);
    if (value instanceof String[] list) {
      return String.join(",", list);
    }
    return value instanceof Number number ? number(number.doubleValue()) : value.toString();
  }

  private static String text(OptionSpec option) {
    String value = option.defaultValue();
    if (value == null) {
      return option.arity().max() == 0 ? "false" : "";
    }
    return value.matches("[\\d.e-]+")
        ? number(Double.parseDouble(value))
        : value.toLowerCase(Locale.ROOT);
  }

  private static String number(double value) {
    return String.valueOf(value);
  }
}
