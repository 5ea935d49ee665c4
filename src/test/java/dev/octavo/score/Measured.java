package dev.octavo.score;

import java.util.Locale;

/**
 * What {@link ScoreRate} measured in one round: images per second, and shares.
 *
 * @param decode alone
 * @param infer alone
 * @param scoring in the scoring job
 * @param whole from the start of the stage to published scores
 * @param cpu share of the cores that driver and executors used in the scoring job
 * @param decoding share of the cores' time in the scoring job in which images are decoded
 * @param inferring share in which the model runs
 * @param waiting share in which no file is at hand
 */
record Measured(
    double decode,
    double infer,
    double scoring,
    double whole,
    double cpu,
    double decoding,
    double inferring,
    double waiting) {
  static final String HEADER =
      "precision  round     d/s     i/s  1/(1/d+1/i)  scoring/s  ratio  whole/s    cpu  decode  infer   wait";

  double serial() {
    return 1 / (1 / decode + 1 / infer);
  }

  double ratio() {
    return scoring / serial();
  }

  String line(String precision, String round) {
    return String.format(
        Locale.ROOT,
        "%-9s %6s %7.1f %7.1f %12.1f %10.1f  %5.3f %8.1f %5.1f%% %6.1f%% %5.1f%% %5.1f%%",
        precision,
        round,
        decode,
        infer,
        serial(),
        scoring,
        ratio(),
        whole,
        100 * cpu,
        100 * decoding,
        100 * inferring,
        100 * waiting);
  }
}
