package dev.octavo.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A hash by which a file is known again.
 *
 * @param algorithm as Java names it, such as {@code SHA-256}
 * @param hex in lower case
 */
record Checksum(String algorithm, String hex) {
  static Checksum sha256(String hex) {
    return new Checksum("SHA-256", hex);
  }

  /**
   * SHA-1, for files of which nobody published more: enough against damage, weak against malice.
   */
  static Checksum sha1(String hex) {
    return new Checksum("SHA-1", hex);
  }

  /** The hash of a file by the same algorithm. */
  Checksum of(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return new Checksum(algorithm, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public String toString() {
    return algorithm + " " + hex;
  }
}
