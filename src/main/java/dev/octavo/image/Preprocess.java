package dev.octavo.image;

import dev.octavo.image.Resampler.Direction;
import dev.octavo.image.Resampler.Region;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.image.augment.AutoAugment;
import dev.octavo.image.augment.Canvas;
import dev.octavo.image.augment.ColorJitter;
import dev.octavo.image.augment.RandomErasing;
import dev.octavo.image.augment.SplitMix;
import dev.octavo.image.codec.PixelView;
import dev.octavo.image.codec.RgbImage;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * From an image of any size to the square that a network takes: {@code [cropSize, cropSize, 3]}
 * bytes (HWC). Normalisation is not done here: it is part of the programs.
 *
 * <p><b>Evaluation</b>, torchvision's {@code Resize} and {@code CenterCrop} to the bit, by a {@link
 * Preprocessing}: the shorter side becomes {@code resizeSize}, the longer one {@code int(resizeSize
 * * longer / shorter)}, by Pillow's antialiased filter; the square is cut at {@code round((size -
 * cropSize) / 2)}, halves rounded to even.
 *
 * <p><b>Training</b>, what {@link Augmentation} says. Random resized crop and mirroring are
 * torchvision's {@code RandomResizedCrop} and {@code RandomHorizontalFlip}: a rectangle with {@code
 * minArea} to 100 % of the area and an aspect ratio between 3/4 and 4/3 (log-uniform), resampled to
 * the square. The randomness is a pure function of the sample's seed, so that neither threads nor
 * retries change a training run.
 *
 * <p>Holds scratch memory: one instance per thread.
 */
public final class Preprocess {
  private static final double MIN_RATIO = 3.0 / 4;
  private static final double MAX_RATIO = 4.0 / 3;
  private static final int ATTEMPTS = 10;

  private enum Mode {
    EVALUATION,
    TRAINING
  }

  private final Mode mode;
  private final Preprocessing rule;

  /** Height and width of the square. */
  private final int imageSize;

  private final Augmentation augmentation;
  private final ColorJitter jitter;
  private final RandomErasing erasing;
  private final Resampler resampler;

  /** The memory in which the square is changed; empty where it isn't. */
  private final Canvas canvas;

  private Preprocess(Mode mode, Preprocessing rule, Augmentation augmentation) {
    this.mode = mode;
    this.rule = rule;
    this.imageSize = rule.cropSize();
    this.resampler = new Resampler(rule.interpolation());
    this.augmentation = Objects.requireNonNull(augmentation, "augmentation");
    this.jitter = new ColorJitter(augmentation.colorJitter());
    this.erasing =
        new RandomErasing(augmentation.randomErasing(), rule.normalization().meanColour());
    int side = augmentation.changesPixels() ? imageSize : 0;
    this.canvas = new Canvas(side, side);
  }

  /** Resize and centre crop: what val, test, calibration and scoring use. */
  public static Preprocess evaluation(Preprocessing rule) {
    return new Preprocess(Mode.EVALUATION, rule, Augmentation.NONE);
  }

  /** Crops, mirrors and changes images at random: for the train split only. */
  public static Preprocess training(Preprocessing rule, Augmentation augmentation) {
    return new Preprocess(Mode.TRAINING, rule, augmentation);
  }

  /** The seed of one sample in one epoch: a hash (FNV-1a, mixed) of all three. */
  public static long sampleSeed(long seed, int epoch, String path) {
    long hash = SplitMix.mix(SplitMix.mix(seed) + epoch);
    for (int i = 0; i < path.length(); i++) {
      hash = (hash ^ path.charAt(i)) * 0x100000001b3L;
    }
    return SplitMix.mix(hash);
  }

  /** The bytes that one image becomes. */
  public int bytes() {
    return rule.bytes();
  }

  /**
   * Writes {@link #bytes()} bytes at the buffer's position, which advances.
   *
   * @throws IllegalStateException if this is {@link #training}, which needs a seed per sample
   */
  public void apply(RgbImage image, ByteBuffer into) {
    if (mode == Mode.TRAINING) {
      throw new IllegalStateException("training preprocessing needs a seed per sample");
    }
    apply(image, 0, into);
  }

  /** The same; {@code sampleSeed} decides what is random in training, nothing in evaluation. */
  public void apply(RgbImage image, long sampleSeed, ByteBuffer into) {
    apply(PixelView.of(image), sampleSeed, into);
  }

  public void apply(PixelView image, long sampleSeed, ByteBuffer into) {
    if (into.remaining() < bytes()) {
      throw new BufferOverflowException();
    }
    int start = into.position();
    SplitMix random = new SplitMix(sampleSeed);
    View view =
        switch (augmentation.crop()) {
          case RANDOM_RESIZED -> randomResized(image, random);
          case RANDOM -> randomCrop(image, random);
          case CENTER -> evaluated(image);
        };
    boolean mirrored = random.nextDouble() < augmentation.flipProbability();
    Direction direction = mirrored ? Direction.MIRRORED : Direction.LEFT_TO_RIGHT;
    if (augmentation.changesPixels()) {
      crop(image, view, direction, canvas.writer());
      AutoAugment.apply(augmentation.policy(), canvas, random);
      jitter.apply(canvas, random);
      into.put(canvas.pixels());
    } else {
      crop(image, view, direction, into);
    }
    erasing.apply(into, start, imageSize, random);
  }

  /**
   * A square of a resized image.
   *
   * @param from the part of the image that is resized
   * @param width of the resized part
   * @param height of the resized part
   * @param x where the square begins
   * @param y where the square begins
   */
  private record View(Region from, int width, int height, int x, int y) {}

  private void crop(PixelView image, View view, Direction direction, ByteBuffer into) {
    Region square = new Region(view.x, view.y, imageSize, imageSize);
    resampler.resample(image, view.from, view.width, view.height, square, direction, into);
  }

  /** The whole image, resized for evaluation; its middle. */
  private View evaluated(PixelView image) {
    int resized = rule.resizeSize();
    int w = image.width();
    int h = image.height();
    int longer = (int) ((double) ((long) resized * Math.max(w, h)) / Math.min(w, h));
    int width = w <= h ? resized : longer;
    int height = w <= h ? longer : resized;
    return new View(
        new Region(0, 0, w, h),
        width,
        height,
        (int) Math.rint((width - imageSize) / 2.0),
        (int) Math.rint((height - imageSize) / 2.0));
  }

  private View randomCrop(PixelView image, SplitMix random) {
    View resized = evaluated(image);
    int x = random.nextInt(resized.width - imageSize + 1);
    int y = random.nextInt(resized.height - imageSize + 1);
    return new View(resized.from, resized.width, resized.height, x, y);
  }

  private View randomResized(PixelView image, SplitMix random) {
    Region from = randomRegion(image.width(), image.height(), augmentation.minArea(), random);
    return new View(from, imageSize, imageSize, 0, 0);
  }

  static Region randomRegion(int width, int height, double minArea, SplitMix random) {
    double logMin = Math.log(MIN_RATIO);
    double logMax = Math.log(MAX_RATIO);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double area = (double) width * height * (minArea + (1 - minArea) * random.nextDouble());
      double ratio = Math.exp(logMin + (logMax - logMin) * random.nextDouble());
      int w = (int) Math.rint(Math.sqrt(area * ratio));
      int h = (int) Math.rint(Math.sqrt(area / ratio));
      if (w >= 1 && w <= width && h >= 1 && h <= height) {
        return new Region(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
      }
    }
    // A very long or very high image: its middle, at the nearest allowed ratio.
    double ratio = (double) width / height;
    int w = ratio > MAX_RATIO ? (int) Math.rint(height * MAX_RATIO) : width;
    int h = ratio < MIN_RATIO ? (int) Math.rint(width / MIN_RATIO) : height;
    return new Region((width - w) / 2, (height - h) / 2, w, h);
  }
}
