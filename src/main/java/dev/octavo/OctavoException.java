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
  public static final class Usage extends OctavoException {
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
