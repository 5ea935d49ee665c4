package dev.octavo.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls of MLflow's <a href="https://mlflow.org/docs/latest/rest-api.html">REST API</a> that a
 * run needs. Each takes at most {@code timeout} and is tried once.
 */
final class MlflowApi {
  /** The API's limits on {@code runs/log-batch}. */
  static final int MAX_METRICS = 1000;

  static final int MAX_PARAMETERS = 100;

  static final String DOES_NOT_EXIST = "RESOURCE_DOES_NOT_EXIST";
  static final String ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_EXCERPT = 200;

  /** A value of a figure, as in the API. */
  record Metric(String key, double value, long timestamp, long step) {}

  /** A parameter or tag, as in the API. */
  record Entry(String key, String value) {}

  private final MlflowServer server;
  private final Duration timeout;
  private final HttpClient http;

  MlflowApi(MlflowServer server, Duration timeout) {
    this.server = server;
    this.timeout = timeout;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // its servers know no upgrade to HTTP/2
            .connectTimeout(timeout)
            .build();
  }

  /** The id of the experiment of that name; empty if there is none. */
  Optional<String> experiment(String name) throws IOException {
    try {
      String query = "experiment_name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
      JsonNode reply = send(request("experiments/get-by-name?" + query).GET());
      return Optional.of(id(reply.at("/experiment/experiment_id")));
    } catch (MlflowException e) {
      if (e.isCode(DOES_NOT_EXIST)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Makes an experiment; returns its id. */
  String createExperiment(String name) throws IOException {
    return id(post("experiments/create", Map.of("name", name)).at("/experiment_id"));
  }

  /** Makes a run, which is running; returns its id. */
  String createRun(String experiment, String name, Instant start, List<Entry> tags)
      throws IOException {
    JsonNode reply =
        post(
            "runs/create",
            Map.of(
                "experiment_id", experiment,
                "run_name", name,
                "start_time", start.toEpochMilli(),
                "tags", tags));
    return id(reply.at("/run/info/run_id"));
  }

  /** Says that a run that had ended is running again. */
  void restart(String run) throws IOException {
    post("runs/update", Map.of("run_id", run, "status", "RUNNING"));
  }

  void end(String run, RunStatus status, Instant end) throws IOException {
    post(
        "runs/update",
        Map.of("run_id", run, "status", status.name(), "end_time", end.toEpochMilli()));
  }

  /** At most {@value #MAX_PARAMETERS} at once. */
  void parameters(String run, List<Entry> parameters) throws IOException {
    post("runs/log-batch", Map.of("run_id", run, "params", parameters));
  }

  /** At most {@value #MAX_METRICS} at once. */
  void metrics(String run, List<Metric> metrics) throws IOException {
    post("runs/log-batch", Map.of("run_id", run, "metrics", metrics));
  }

  private JsonNode post(String call, Map<String, ?> body) throws IOException {
    return send(
        request(call)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
  }

  private HttpRequest.Builder request(String call) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + "/api/2.0/mlflow/" + call))
            .timeout(timeout);
    server.authorization().ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException {
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + server, e);
    }
    String body = response.body();
    Optional<JsonNode> json = parse(body);
    if (response.statusCode() / 100 == 2) {
      return json.orElseThrow(() -> notMlflow(response.statusCode()));
    }
    JsonNode reply = json.orElseGet(JSON::createObjectNode);
    String message = reply.path("message").asText(body).strip();
    throw new MlflowException(
        response.statusCode(),
        reply.path("error_code").asText(),
        "HTTP %d: %s".formatted(response.statusCode(), excerpt(message)));
  }

  private static Optional<JsonNode> parse(String body) {
    try {
      return Optional.of(JSON.readTree(body)).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      return Optional.empty(); // some other server's page
    }
  }

  private static String id(JsonNode node) throws MlflowException {
    if (!node.isTextual() || node.asText().isEmpty()) {
      throw notMlflow(200);
    }
    return node.asText();
  }

  private static MlflowException notMlflow(int status) {
    return new MlflowException(status, "", "it answers, but not as MLflow does");
  }

  private static String excerpt(String text) {
    String line = text.isEmpty() ? "no message" : text.replaceAll("\\s+", " ");
    return line.length() <= MAX_EXCERPT ? line : line.substring(0, MAX_EXCERPT) + "…";
  }
}
