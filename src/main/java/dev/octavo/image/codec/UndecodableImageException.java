package dev.octavo.image.codec;

import java.util.Locale;

/** A file that is not turned into pixels, and why: a {@link Reason} to count by, and a message. */
public final class UndecodableImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The reason why a file is refused. */
  public enum Reason {
    /** It has no bytes. */
    EMPTY,
    /** Its first bytes are those of no supported image format. */
    NOT_AN_IMAGE,
    /** It ends before the image does. */
    TRUNCATED,
    /** Its bytes break the rules of its format. */
    CORRUPT,
    /** A variant of its format that no decoder here knows. */
    UNSUPPORTED,
    /** More pixels than {@link DecodeLimits#maxPixels}. */
    TOO_MANY_PIXELS,
    /** Few pixels, but so many passes over them that decoding would take too long. */
    TOO_MUCH_WORK,
    /** More bytes than {@link DecodeLimits#maxBytes}. */
    TOO_MANY_BYTES;

    /** The name in artifacts and tables, as in {@code too-many-pixels}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private final Reason reason;

  UndecodableImageException(Reason reason, String message) {
    this(reason, message, null);
  }

  UndecodableImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind of failure, to count by. */
  public Reason reason() {
    return reason;
  }
}
