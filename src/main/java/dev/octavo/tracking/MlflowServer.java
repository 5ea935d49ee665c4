package dev.octavo.tracking;

import dev.octavo.OctavoException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * An MLflow tracking server and how to log in there.
 *
 * @param uri without a slash at the end; may have a path, as behind a proxy
 * @param authorization the value of that HTTP header
 */
public record MlflowServer(URI uri, Optional<String> authorization) {
  /**
   * A server by its address.
   *
   * @param uri {@code http} or {@code https}, with or without a path
   * @param environment the process's: {@code MLFLOW_TRACKING_USERNAME} with {@code
   *     MLFLOW_TRACKING_PASSWORD}, or else {@code MLFLOW_TRACKING_TOKEN}, are the credentials
   * @throws OctavoException.Usage if that is no address of a server
   */
  public static MlflowServer of(String uri, Map<String, String> environment) {
    if (uri.indexOf('@') >= 0) {
      // Not repeated, however the rest looks: addresses end up in logs.
      throw new OctavoException.Usage(
          "the MLflow server's address must not hold credentials (it has an @): put them into"
              + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD");
    }
    URI parsed;
    try {
      parsed = new URI(uri.replaceAll("/+$", ""));
    } catch (URISyntaxException e) {
      throw wrong(uri, e.getReason());
    }
    String scheme = String.valueOf(parsed.getScheme());
    if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
      throw wrong(uri, "it does not begin with http:// or https://");
    }
    if (parsed.getHost() == null) {
      throw wrong(uri, "it names no host, or one with characters that host names can't have");
    }
    if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
      throw wrong(uri, "it has a query or a fragment");
    }
    return new MlflowServer(parsed, authorization(environment));
  }

  private static OctavoException.Usage wrong(String uri, String reason) {
    return new OctavoException.Usage(
        "'%s' is no MLflow tracking server (%s): give its address, such as http://host:5000"
            .formatted(uri, reason));
  }

  private static Optional<String> authorization(Map<String, String> environment) {
    String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
    String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
    if (!user.isEmpty() && !password.isEmpty()) {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
    }
    return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
  }

  /** The address alone. */
  @Override
  public String toString() {
    return uri.toString();
  }
}
