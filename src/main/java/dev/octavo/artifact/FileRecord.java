package dev.octavo.artifact;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A file of an artifact as its manifest records it.
 *
 * @param bytes its length
 * @param sha256 of its content, 64 lower-case hexadecimal digits; null for Parquet, whose pages
 *     have checksums of their own
 */
@JsonPropertyOrder({"bytes", "sha256"})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FileRecord(long bytes, String sha256) {
  /** Checks that they are a length and a hash. */
  public FileRecord {
    if (bytes < 0) {
      throw new IllegalArgumentException("a file's bytes must not be negative, as " + bytes);
    }
    if (sha256 != null && !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("a file's sha256 must be 64 hexadecimal digits");
    }
  }
}
