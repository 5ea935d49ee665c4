package dev.octavo;

/**
 * A failure that a user can act on: the message names the thing that is wrong and the remedy, and
 * the command line prints it without a stack trace.
 *
 * <p>Programming errors stay what they are ({@link IllegalStateException} and its kin) and keep
 * their stack trace.
 */
public class OctavoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure with a message for the user, formatted as by {@link String#format}. */
  public OctavoException(String message) {
    super(message);
  }

  /** A failure with a message for the user and what caused it. */
  public OctavoException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exit code that the command line ends with: 1 unless a subclass says otherwise. */
  public int exitCode() {
    return 1;
  }

  /** The options or files that the user gave don't make sense: exit code 2. */
  public static class Usage extends OctavoException {
    private static final long serialVersionUID = 1L;

    /** A wrong use, with what to change. */
    public Usage(String message) {
      super(message);
    }

    @Override
    public int exitCode() {
      return 2;
    }
  }

  /**
   * A setting that can't be: exit code 2. It names the property as records do, {@code batchSize};
   * whoever knows the name that the user gave it by, an option or a setter, says that.
   */
  public static final class InvalidSetting extends Usage {
    private static final long serialVersionUID = 1L;

    private final String property;
    private final String value;
    private final String rule;

    /** A refusal, with what the property must be. */
    public InvalidSetting(String property, Object value, String rule) {
      super("%s is %s, but must be %s".formatted(property, value, rule));
      this.property = property;
      this.value = String.valueOf(value);
      this.rule = rule;
    }

    /**
     * Checks a setting.
     *
     * @param rule continues "must be"
     * @throws InvalidSetting if the condition is false
     */
    public static void require(boolean condition, String property, Object value, String rule) {
      if (!condition) {
        throw new InvalidSetting(property, value, rule);
      }
    }

    /** The property's name, as in {@code batchSize}. */
    public String property() {
      return property;
    }

    /** The rule that its value breaks; continues "must be". */
    public String rule() {
      return rule;
    }

    /** The message with another name for the property. */
    public String message(String name) {
      return "%s is %s, but must be %s".formatted(name, value, rule);
    }
  }

  /** The work was done but its result is not good enough to publish: exit code 3. */
  public static final class QualityGate extends OctavoException {
    private static final long serialVersionUID = 1L;

    /** A refusal, with the figure that fell short and its bound. */
    public QualityGate(String message) {
      super(message);
    }

    @Override
    public int exitCode() {
      return 3;
    }
  }
}
