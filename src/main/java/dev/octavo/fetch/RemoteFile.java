package dev.octavo.fetch;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file that somebody publishes.
 *
 * @param name here
 * @param uri http or https
 * @param bytes its size, where that is known
 * @param checksum where that is known
 */
record RemoteFile(String name, URI uri, OptionalLong bytes, Optional<Checksum> checksum) {
  RemoteFile(String name, String uri, long bytes, Checksum checksum) {
    this(name, URI.create(uri), OptionalLong.of(bytes), Optional.of(checksum));
  }

  /** The same file from another place. */
  RemoteFile at(URI other) {
    return new RemoteFile(name, other, bytes, checksum);
  }

  /** Something else that serves the same purpose, of which nothing is known. */
  static RemoteFile unknown(String name, URI uri) {
    return new RemoteFile(name, uri, OptionalLong.empty(), Optional.empty());
  }

  /** The address without its query, which may hold a signature or a token. */
  String address() {
    return "%s://%s%s".formatted(uri.getScheme(), uri.getRawAuthority(), uri.getRawPath());
  }
}
