package dev.octavo.inference;

import java.io.Serializable;

/**
 * One file or row to score. Either {@code content} is at hand or {@code uri} says where to read it;
 * a row without an image has neither.
 *
 * @param path what names it in the predictions
 * @param label the class it is said to show, null where unknown
 * @param uri of the file, null for a row of a dataset
 * @param length of the file in bytes
 * @param content the file's bytes, null where it must be read
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Input(String path, String label, String uri, long length, byte[] content)
    implements Serializable {
  /** A file still to be read. */
  public static Input file(String path, String label, String uri, long length) {
    return new Input(path, label, uri, length, null);
  }

  /** A row whose bytes are at hand; null where there are none. */
  public static Input row(String path, String label, byte[] content) {
    return new Input(path, label, null, content == null ? 0 : content.length, content);
  }
}
