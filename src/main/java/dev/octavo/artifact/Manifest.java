package dev.octavo.artifact;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.octavo.OctavoException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The {@code manifest.json} of an artifact.
 *
 * <p>The JSON is canonical (keys of maps sorted, two-space indent), so that equal manifests have
 * equal bytes and {@link #id()} can serve as the artifact's hash in its children's {@link
 * #parents()}.
 *
 * @param kind what the artifact is: {@code dataset}, {@code model}, {@code scores}
 * @param createdAt when it was made, ISO-8601 in UTC
 * @param parents the artifacts it was made from, as role (such as {@code data}) to {@link #id()}
 * @param settings what the user chose, as in {@code seed}, {@code epochs}
 * @param figures what came out: counts, sizes in bytes, accuracies
 * @param platform what made it
 */
@JsonPropertyOrder({"kind", "createdAt", "parents", "settings", "figures", "platform"})
public record Manifest(
    String kind,
    String createdAt,
    Map<String, String> parents,
    Map<String, Object> settings,
    Map<String, Object> figures,
    Platform platform) {

  /** The file's name within the artifact. */
  public static final String FILE_NAME = "manifest.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Copies the maps, sorted; refuses anything that is missing. */
  public Manifest {
    Objects.requireNonNull(kind, "kind");
    Instant.parse(createdAt);
    parents = new TreeMap<>(parents);
    settings = new TreeMap<>(settings);
    figures = new TreeMap<>(figures);
    Objects.requireNonNull(platform, "platform");
  }

  /** A manifest made now, on this platform. */
  public static Manifest of(
      String kind,
      Map<String, String> parents,
      Map<String, Object> settings,
      Map<String, Object> figures) {
    return new Manifest(
        kind,
        Instant.ofEpochSecond(Instant.now().getEpochSecond()).toString(),
        parents,
        settings,
        figures,
        Platform.current());
  }

  /** Reads a manifest back; {@code source} names it in the error when it can't be read. */
  public static Manifest fromJson(String json, String source) {
    try {
      return JSON.readValue(json, Manifest.class);
    } catch (JsonProcessingException e) {
      throw new OctavoException(
          "%s is not a manifest that this version of Octavo understands: %s"
              .formatted(source, e.getOriginalMessage()),
          e);
    }
  }

  /** The canonical JSON. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this).replace("\r\n", "\n") + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest holds only maps, strings and numbers", e);
    }
  }

  /** {@code sha256:} and the SHA-256 of the canonical JSON in hexadecimal. */
  public String id() {
    return "sha256:" + Hashes.sha256(toJson().getBytes(StandardCharsets.UTF_8));
  }

  /** A setting that must be there; {@code source} names the artifact in the error. */
  public JsonNode setting(String key, String source) {
    Object value = settings.get(key);
    if (value == null) {
      throw new OctavoException("%s has no setting '%s' in its manifest".formatted(source, key));
    }
    return JSON.valueToTree(value);
  }
}
