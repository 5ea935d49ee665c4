package dev.octavo.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A headless Chromium, driven through its {@code chromedriver} by the few commands of the W3C's
 * WebDriver protocol that tests need. Selenium, which speaks the same protocol, needs a Guava of
 * this decade, where Spark's class path has its own of the last.
 */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** In pixels: of more, Chromium takes no picture. */
  private static final int LONGEST_SHOT = 40_000;

  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final URI session;

  private Browser(Process driver, int port, Path profile, Path binary) throws IOException {
    this.driver = driver;
    List<String> arguments = new ArrayList<>();
    arguments.add("--headless");
    arguments.add("--hide-scrollbars");
    arguments.add("--no-sandbox");
    arguments.add("--disable-gpu");
    arguments.add("--disable-quic");
    arguments.add("--no-first-run");
    arguments.add("--disable-background-networking");
    arguments.add("--disable-component-update");
    arguments.add("--disable-sync");
    arguments.add("--disable-dev-shm-usage");
    arguments.add("--user-data-dir=" + profile);
    URI sessions = URI.create("http://127.0.0.1:%d/session".formatted(port));
    JsonNode answer =
        send(
            "POST",
            sessions,
            Map.of(
                "capabilities",
                Map.of(
                    "alwaysMatch",
                    Map.of(
                        "browserName",
                        "chrome",
                        "timeouts",
                        Map.of("script", PATIENCE.toMillis(), "pageLoad", PATIENCE.toMillis()),
                        "goog:loggingPrefs",
                        Map.of("browser", "ALL"),
                        "goog:chromeOptions",
                        Map.of("binary", binary.toString(), "args", arguments)))));
    this.session = URI.create(sessions + "/" + answer.get("sessionId").asText());
  }

  /** Where Chromium and its driver are; empty where one of them isn't installed. */
  static Optional<Path> find() {
    return program("chromedriver").flatMap(driver -> program("chromium"));
  }

  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one.
   *
   * @param profile an empty directory for what it stores
   */
  static Browser start(Path profile) throws IOException {
    Process driver =
        new ProcessBuilder(program("chromedriver").orElseThrow().toString(), "--port=0")
            .redirectErrorStream(true)
            .start();
    BufferedReader output = driver.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        return new Browser(
            driver, Integer.parseInt(started.group(1)), profile, find().orElseThrow());
      }
    }
    throw new IOException("chromedriver ended before it was ready");
  }

  private JsonNode send(String method, URI uri, Map<String, ?> body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(PATIENCE)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    try {
      HttpResponse<String> response =
          http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      JsonNode value = JSON.readTree(response.body()).get("value");
      if (response.statusCode() >= 400) {
        throw new IOException("%s %s: %s".formatted(method, uri.getPath(), value));
      }
      return value;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private JsonNode post(String command, Map<String, ?> body) throws IOException {
    return send("POST", URI.create(session + "/" + command), body);
  }

  /** Opens a file. */
  void open(Path page) throws IOException {
    post("url", Map.of("url", page.toUri().toString()));
  }

  /** Gives the window a size in CSS pixels. */
  void resize(int width, int height) throws IOException {
    devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /**
   * Emulates what a reader prefers.
   *
   * @param media {@code screen} or {@code print}
   * @param scheme {@code light} or {@code dark}
   */
  void emulate(String media, String scheme) throws IOException {
    devTools(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            media,
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** Runs a command of the browser's own protocol. */
  JsonNode devTools(String command, Map<String, ?> parameters) throws IOException {
    return post("goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  /** Runs the body of a function; waits where it returns a promise. */
  JsonNode run(String script, Object... arguments) throws IOException {
    return post("execute/sync", Map.of("script", script, "args", List.of(arguments)));
  }

  /** Clicks on the first element that a selector finds, as a reader would. */
  void click(String selector) throws IOException {
    post("element/%s/click".formatted(element(selector)), Map.of());
  }

  /** Moves the pointer over an element. */
  void hover(String selector) throws IOException {
    run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector);
    Map<String, Object> origin = Map.of("element-6066-11e4-a52e-4f735466cecf", element(selector));
    Map<String, Object> move =
        Map.of("type", "pointerMove", "duration", 0, "x", 0, "y", 0, "origin", origin);
    post(
        "actions",
        Map.of(
            "actions",
            List.of(Map.of("type", "pointer", "id", "mouse", "actions", List.of(move)))));
  }

  /** Presses a key on whatever has the focus: a character of WebDriver's, as in {@code \uE015}. */
  void press(String key) throws IOException {
    post(
        "actions",
        Map.of(
            "actions",
            List.of(
                Map.of(
                    "type",
                    "key",
                    "id",
                    "keyboard",
                    "actions",
                    List.of(
                        Map.of("type", "keyDown", "value", key),
                        Map.of("type", "keyUp", "value", key))))));
  }

  private String element(String selector) throws IOException {
    return post("element", Map.of("using", "css selector", "value", selector))
        .elements()
        .next()
        .asText();
  }

  /** What the console shows since the last call. */
  List<String> console() throws IOException {
    List<String> lines = new ArrayList<>();
    post("se/log", Map.of("type", "browser"))
        .forEach(
            line -> lines.add(line.get("level").asText() + " " + line.get("message").asText()));
    return lines;
  }

  /** Writes the page as PNG, or as much of a long one as Chromium can. */
  void screenshot(Path file) throws IOException {
    JsonNode size =
        run("const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]");
    Map<String, Object> clip =
        Map.of(
            "x", 0,
            "y", 0,
            "width", size.get(0).asInt(),
            "height", Math.min(size.get(1).asInt(), LONGEST_SHOT),
            "scale", 1);
    JsonNode shot =
        devTools(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
    Files.write(file, Base64.getDecoder().decode(shot.get("data").asText()));
  }

  @Override
  public void close() throws IOException {
    try {
      send("DELETE", session, null);
    } finally {
      driver.destroy();
      try {
        if (!driver.waitFor(10, TimeUnit.SECONDS)) {
          driver.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
