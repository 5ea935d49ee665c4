package dev.octavo.dataset;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of a dataset. */
public final class DatasetSchema {
  /** {@code class/file}, as in the lists; unique (string). */
  public static final String PATH = "path";

  /** Class name; null for an image of no known class, which only {@code extra} has (string). */
  public static final String LABEL = "label";

  /** Index of {@link #LABEL} in the sorted class list; null with it (int). */
  public static final String LABEL_ID = "label_id";

  /** One of {@link #TRAIN}, {@link #VAL}, {@link #TEST}, {@link #EXTRA} (string). */
  public static final String SPLIT = "split";

  /** The file's bytes, unchanged (binary). */
  public static final String IMAGE = "image";

  /** The format by content, as {@link dev.octavo.image.codec.ImageFormat} names it (string). */
  public static final String FORMAT = "format";

  /** Pixels as stored, before orientation (int). */
  public static final String WIDTH = "width";

  /** Pixels as stored, before orientation (int). */
  public static final String HEIGHT = "height";

  /** Channels that the file stores (int). */
  public static final String CHANNELS = "channels";

  /** Exif orientation, 1 to 8 (int). */
  public static final String ORIENTATION = "orientation";

  /** SHA-256 of the file, in hexadecimal (string). */
  public static final String SHA256 = "sha256";

  /** {@link dev.octavo.image.PerceptualHash} of the upright image (long). */
  public static final String PHASH = "phash";

  /** A defect of a file that has all its pixels nevertheless; null without one (string). */
  public static final String WARNING = "warning";

  /** Quarantine: why, a word to count by (string). */
  public static final String REASON = "reason";

  /** Quarantine: why, in a sentence (string). */
  public static final String DETAIL = "detail";

  /** The split that models learn from. */
  public static final String TRAIN = "train";

  /** The split, carved out of train, that choices are made by. */
  public static final String VAL = "val";

  /** The split that is only measured on. */
  public static final String TEST = "test";

  /** Images in the folder that are in no list. */
  public static final String EXTRA = "extra";

  /** The columns of a dataset's rows. */
  public static final StructType ROWS =
      new StructType()
          .add(PATH, DataTypes.StringType, false)
          .add(LABEL, DataTypes.StringType, true)
          .add(LABEL_ID, DataTypes.IntegerType, true)
          .add(IMAGE, DataTypes.BinaryType, false)
          .add(FORMAT, DataTypes.StringType, false)
          .add(WIDTH, DataTypes.IntegerType, false)
          .add(HEIGHT, DataTypes.IntegerType, false)
          .add(CHANNELS, DataTypes.IntegerType, false)
          .add(ORIENTATION, DataTypes.IntegerType, false)
          .add(SHA256, DataTypes.StringType, false)
          .add(PHASH, DataTypes.LongType, false)
          .add(WARNING, DataTypes.StringType, true)
          .add(SPLIT, DataTypes.StringType, false);

  /** The columns of the quarantine; {@code sha256} is null where the file wasn't read. */
  public static final StructType QUARANTINE =
      new StructType()
          .add(PATH, DataTypes.StringType, false)
          .add(SPLIT, DataTypes.StringType, false)
          .add(REASON, DataTypes.StringType, false)
          .add(DETAIL, DataTypes.StringType, false)
          .add(SHA256, DataTypes.StringType, true);

  /** Near duplicates: split of the other image (string). */
  public static final String OTHER_SPLIT = "other_split";

  /** Near duplicates: path of the other image (string). */
  public static final String OTHER_PATH = "other_path";

  /** Near duplicates: class of the other image; null without one (string). */
  public static final String OTHER_LABEL = "other_label";

  /** Near duplicates: bits in which the hashes differ, −1 for the same bytes (int). */
  public static final String BITS = "bits";

  /** The columns of pairs of images in different splits that are nearly the same. */
  public static final StructType NEAR_DUPLICATES =
      new StructType()
          .add(SPLIT, DataTypes.StringType, false)
          .add(PATH, DataTypes.StringType, false)
          .add(LABEL, DataTypes.StringType, true)
          .add(OTHER_SPLIT, DataTypes.StringType, false)
          .add(OTHER_PATH, DataTypes.StringType, false)
          .add(OTHER_LABEL, DataTypes.StringType, true)
          .add(BITS, DataTypes.IntegerType, false);

  private DatasetSchema() {}
}
