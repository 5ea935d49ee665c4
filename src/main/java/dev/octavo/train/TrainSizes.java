package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.bundle.BundleManifest;
import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Height and width of train images: one size, or sizes that rise over the epochs in steps of
 * {@value #STEP} pixels, each for the same part of them (progressive resizing, as in Tan and Le,
 * "EfficientNetV2", 2021). Where it is another than that of evaluation, see Touvron et al., "Fixing
 * the train-test resolution discrepancy", 2019.
 *
 * @param first pixels in the first epoch
 * @param last pixels in the last one, the same or more
 */
public record TrainSizes(int first, int last) implements Serializable {
  /** Pixels between two sizes. */
  public static final int STEP = 32;

  private static final Pattern WORDS = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?");

  /** Checks the range. */
  public TrainSizes {
    require(first);
    require(last);
    if (last < first || (last - first) % STEP != 0) {
      throw new OctavoException.Usage(
          "--train-image-size %d-%d: sizes rise in steps of %d pixels, as from 128 to 224"
              .formatted(first, last, STEP));
    }
  }

  private static void require(int size) {
    InvalidSetting.require(
        size >= BundleManifest.MIN_IMAGE_SIZE && size <= BundleManifest.MAX_IMAGE_SIZE,
        "trainImageSize",
        size,
        "from %d to %d".formatted(BundleManifest.MIN_IMAGE_SIZE, BundleManifest.MAX_IMAGE_SIZE));
  }

  /** One size. */
  public static TrainSizes of(int size) {
    return new TrainSizes(size, size);
  }

  /**
   * Reads {@code 176}, or {@code 128-224}.
   *
   * @throws OctavoException.Usage if it is neither
   */
  public static TrainSizes parse(String words) {
    Matcher sizes = WORDS.matcher(words);
    if (!sizes.matches()) {
      throw new OctavoException.Usage(
          "--train-image-size %s is neither a size nor a range of them: give 176, or 128-224"
              .formatted(words));
    }
    int first = Integer.parseInt(sizes.group(1));
    return new TrainSizes(first, sizes.group(2) == null ? first : Integer.parseInt(sizes.group(2)));
  }

  /** The number of sizes. */
  int count() {
    return (last - first) / STEP + 1;
  }

  /** The size in an epoch, from 1, of so many. */
  public int inEpoch(int epoch, int epochs) {
    return first + STEP * (int) ((long) (epoch - 1) * count() / epochs);
  }
}
