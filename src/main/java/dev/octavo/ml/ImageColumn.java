package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.inference.ImageItem;
import dev.octavo.inference.ImageItem.Bytes;
import dev.octavo.inference.ImageItem.Failed;
import dev.octavo.inference.ImageItem.Pixels;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The column that holds a row's image.
 *
 * @param index of the column
 * @param type {@code binary} for files, else a struct with the fields of Spark's image schema
 */
record ImageColumn(int index, DataType type) implements Serializable {
  /** The fields of Spark's image schema that pixels are made of. */
  private static final List<String> FIELDS = List.of("height", "width", "mode", "data");

  private static final String REMEDY =
      "give the bytes of image files (binary, as format(\"binaryFile\") reads them) or Spark's"
          + " image schema (as format(\"image\") reads it)";

  /** Spark's origin of a file that it could not decode. */
  private static final int UNDEFINED = -1;

  /**
   * Finds the column of that name.
   *
   * @throws OctavoException.Usage if there is none, or one that holds something else
   */
  static ImageColumn find(StructType schema, String name) {
    List<String> names = Arrays.asList(schema.fieldNames());
    int index = names.indexOf(name);
    if (index < 0) {
      throw new OctavoException.Usage(
          "there is no column '%s' of images (there are: %s): name it with setInputCol"
              .formatted(name, String.join(", ", names)));
    }
    if (index != names.lastIndexOf(name)) {
      throw new OctavoException.Usage(
          "there are several columns '%s': rename or drop all but one".formatted(name));
    }
    DataType type = schema.fields()[index].dataType();
    if (!type.equals(DataTypes.BinaryType) && !isImage(type)) {
      throw new OctavoException.Usage(
          "the column '%s' is %s, which is no image: %s"
              .formatted(name, type.simpleString(), REMEDY));
    }
    return new ImageColumn(index, type);
  }

  private static boolean isImage(DataType type) {
    return type instanceof StructType struct
        && Arrays.asList(struct.fieldNames()).containsAll(FIELDS)
        && FIELDS.stream().allMatch(f -> field(struct, f).equals(field(imageSchema(), f)));
  }

  private static StructType imageSchema() {
    return ImageSchema.columnSchema();
  }

  private static DataType field(StructType struct, String name) {
    return struct.fields()[struct.fieldIndex(name)].dataType();
  }

  /** The image of a row. */
  ImageItem image(Row row) {
    Object value = row.get(index);
    return value instanceof Row image ? image(image, (StructType) type) : image(value);
  }

  /**
   * An image as a function's argument.
   *
   * @throws OctavoException.Usage if it is neither a file nor in Spark's image schema
   */
  static ImageItem image(Object value) {
    if (value == null) {
      return new Failed("missing: there is no image, but null");
    }
    if (value instanceof byte[] file) {
      return new Bytes(file);
    }
    if (value instanceof Row image && isImage(image.schema())) {
      return image(image, image.schema());
    }
    throw new OctavoException.Usage(
        "a value of %s is no image: %s".formatted(value.getClass().getSimpleName(), REMEDY));
  }

  private static ImageItem image(Row image, StructType type) {
    int[] at = FIELDS.stream().mapToInt(type::fieldIndex).toArray();
    if (Arrays.stream(at).anyMatch(image::isNullAt)) {
      return new Failed("missing: the image has fields that are null");
    }
    int height = image.getInt(at[0]);
    int width = image.getInt(at[1]);
    int mode = image.getInt(at[2]);
    byte[] data = image.getAs(at[3]);
    return mode == UNDEFINED
        ? new Failed("not-an-image: Spark's image source could not decode it")
        : new Pixels(width, height, mode, data);
  }
}
