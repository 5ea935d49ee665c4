package dev.octavo.artifact;

/** The roles in {@link Manifest#parents()}. */
public final class ParentRole {
  /** The dataset that a model was trained or quantized on, or whose split was scored. */
  public static final String DATA = "data";

  /** The float model that an int8 model was made from. */
  public static final String MODEL = "model";

  /** The dataset whose class names an imported model has. */
  public static final String CLASSES = "classes";

  private ParentRole() {}

  /** The model of that name in a run of {@code score}. */
  public static String model(String name) {
    return MODEL + " " + name;
  }
}
