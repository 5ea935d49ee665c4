package dev.octavo.artifact;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octavo.OctavoException;
import io.soabase.recordbuilder.core.RecordBuilder;
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
 * @param files what it consists of, by path relative to it
 * @param platform what made it
 */
@JsonPropertyOrder({"kind", "createdAt", "parents", "settings", "figures", "files", "platform"})
@RecordBuilder
public record Manifest(
    String kind,
    String createdAt,
    Map<String, String> parents,
    Map<String, Object> settings,
    Map<String, Object> figures,
    Map<String, FileRecord> files,
    Platform platform) {

  /** The file's name within the artifact. */
  public static final String FILE_NAME = "manifest.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private static final String ID = "id";

  /** Copies the maps, sorted; refuses anything that is missing. */
  public Manifest {
    Objects.requireNonNull(kind, "kind");
    Instant.parse(createdAt);
    parents = new TreeMap<>(parents);
    settings = new TreeMap<>(settings);
    figures = new TreeMap<>(figures);
    files = new TreeMap<>(files);
    files.forEach((path, file) -> Objects.requireNonNull(file, path));
    Objects.requireNonNull(platform, "platform");
  }

  /** A manifest made now, on this platform. */
  public static Manifest of(
      String kind,
      Map<String, String> parents,
      Map<String, Object> settings,
      Map<String, Object> figures) {
    return ManifestBuilder.builder()
        .kind(kind)
        .createdAt(Instant.ofEpochSecond(Instant.now().getEpochSecond()).toString())
        .parents(parents)
        .settings(settings)
        .figures(figures)
        .files(Map.of())
        .platform(Platform.current())
        .build();
  }

  /** The same with the files that it is to record. */
  public Manifest withFiles(Map<String, FileRecord> recorded) {
    return ManifestBuilder.builder(this).files(recorded).build();
  }

  /**
   * Reads a manifest back.
   *
   * @param source names it in errors
   * @throws OctavoException if it can't be read or isn't as it was written
   */
  public static Manifest fromJson(String json, String source) {
    Manifest manifest;
    JsonNode id;
    try {
      if (!(JSON.readTree(json) instanceof ObjectNode object)) {
        throw new OctavoException("%s is not a manifest: it is no JSON object".formatted(source));
      }
      id = object.remove(ID);
      manifest = JSON.treeToValue(object, Manifest.class);
    } catch (JsonProcessingException e) {
      throw new OctavoException(
          "%s is not a manifest that this version of Octavo understands: %s"
              .formatted(source, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
    if (id == null || !manifest.id().equals(id.asText())) {
      throw new OctavoException(
          ("%s was altered or damaged since it was written (its id is not that of its content):"
                  + " copy the artifact again, or recreate it")
              .formatted(source));
    }
    return manifest;
  }

  /** The canonical JSON, with the {@link #id()} at its end. */
  public String toJson() {
    ObjectNode tree = JSON.valueToTree(this);
    return text(tree.put(ID, id()));
  }

  private static String text(ObjectNode tree) {
    try {
      return JSON.writeValueAsString(tree).replace("\r\n", "\n") + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest holds only maps, strings and numbers", e);
    }
  }

  /** {@code sha256:} and the SHA-256, in hexadecimal, of the canonical JSON without the id. */
  public String id() {
    return "sha256:" + Hashes.sha256(text(JSON.valueToTree(this)).getBytes(StandardCharsets.UTF_8));
  }

  /** The settings, to be read with checks; {@code source} names the manifest in errors. */
  public Entries settings(String source) {
    return new Entries(source, settings);
  }

  /** The figures, to be read with checks; {@code source} names the manifest in errors. */
  public Entries figures(String source) {
    return new Entries(source, figures, Entries.Numbers.ANY);
  }
}
