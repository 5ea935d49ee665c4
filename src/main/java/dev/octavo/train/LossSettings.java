package dev.octavo.train;

import dev.octavo.OctavoException.InvalidSetting;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;

/**
 * The loss: cross-entropy with these targets.
 *
 * @param labelSmoothing share of a target that is spread evenly over all classes (Szegedy et al.
 *     2015, section 7); from 0 (off) to less than 1
 * @param classWeights how much an image of each class counts
 * @param mixup the two equal parameters of the Beta distribution of mixup's shares (Zhang et al.
 *     2017); 0 for no mixup
 * @param cutmix the same of CutMix's shares (Yun et al. 2019); where both are on, each batch takes
 *     one of the two by chance
 */
public record LossSettings(
    double labelSmoothing, ClassWeights classWeights, double mixup, double cutmix)
    implements Serializable {
  /** The weight of an image of each class. */
  public enum ClassWeights {
    /** 1. */
    NONE,
    /** Inversely to the number of its train images: their mean over all images is 1. */
    BALANCED
  }

  /** Checks the ranges. */
  public LossSettings {
    Objects.requireNonNull(classWeights, "classWeights");
    InvalidSetting.require(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "labelSmoothing",
        labelSmoothing,
        "at least 0 and below 1");
    InvalidSetting.require(mixup >= 0 && mixup <= 100, "mixup", mixup, "from 0 to 100");
    InvalidSetting.require(cutmix >= 0 && cutmix <= 100, "cutmix", cutmix, "from 0 to 100");
  }

  /** Returns whether images of a batch are mixed. */
  public boolean mixes() {
    return mixup > 0 || cutmix > 0;
  }

  /** The weight of each class; a class without train images has weight 0. */
  public float[] weights(Map<String, Integer> labels, int classes) {
    float[] weights = new float[classes];
    int[] counts = new int[classes];
    labels.values().forEach(label -> counts[label]++);
    for (int c = 0; c < classes; c++) {
      weights[c] =
          switch (classWeights) {
            case NONE -> 1;
            case BALANCED ->
                counts[c] == 0 ? 0 : (float) ((double) labels.size() / classes / counts[c]);
          };
    }
    return weights;
  }
}
