package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The settings of a download.
 *
 * @param what to fetch
 * @param to the local folder in which the files appear, under their published names
 * @param url another place to take them from: a folder (ending in a slash) that has all the files;
 *     or, of Indoor-67, an archive of the images, and of weights, their file
 */
public record FetchSettings(Fetchable what, Path to, Optional<URI> url) {
  /** Checks that nothing is missing. */
  public FetchSettings {
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(url, "url");
  }

  /**
   * The address that a user gave.
   *
   * @throws OctavoException.Usage if it isn't one of http or https, or holds credentials
   */
  public static URI url(String text) {
    if (text.replaceFirst("[?#].*", "").indexOf('@') >= 0) {
      // Not repeated: addresses end up in logs.
      throw new OctavoException.Usage(
          "the address given by --url must not hold credentials (it has an @)");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw wrong(text, e.getReason());
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw wrong(
          text,
          "it does not begin with http:// or https://; a file that is here already is put into --to"
              + " under its published name");
    }
    if (uri.getHost() == null) {
      throw wrong(text, "it names no host");
    }
    return uri.getRawPath().isEmpty() ? uri.resolve("/") : uri;
  }

  private static OctavoException.Usage wrong(String text, String reason) {
    return new OctavoException.Usage("--url '%s' can't be fetched: %s".formatted(text, reason));
  }
}
