package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.octavo.spark.TestProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code octavo fetch} as it is called. */
final class FetchCommandTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "ftp://host/x.tar, it does not begin with http:// or https://",
    "/home/me/x.tar, a file that is here already is put into --to under its published name",
    "http://, Expected authority",
    "http:///x.tar, it names no host",
  })
  void refusesWhatIsNoAddress(String url, String words) {
    assertThat(run("fetch", "indoor67", "--url", url))
        .startsWith("octavo fetch: --url '" + url + "' can't be fetched: ")
        .contains(words);
  }

  @Test
  void refusesAnAddressWithAPasswordAndDoesNotRepeatIt() {
    assertThat(run("fetch", "indoor67", "--url", "https://me:secret@host/"))
        .contains("must not hold credentials")
        .doesNotContain("secret");
  }

  @Test
  void saysWhatThereIsToFetch() {
    assertThat(run("fetch", "indoor")).contains("'indoor' is none of indoor67, resnet50-weights");
    assertThat(run("fetch")).contains("Missing required parameter: 'NAME'");
  }

  @Test
  void startsNoSpark() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0); // knows no path
    server.start();
    Path classes = directory.resolve("classes");
    Path log = directory.resolve("log");
    String url = "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());
    Process process =
        TestProcess.start(
            Octavo.class,
            Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + classes),
            log,
            "fetch",
            "resnet50-weights",
            "--to",
            directory.resolve("data").toString(),
            "--url",
            url);
    assertThat(process.waitFor()).isEqualTo(1);
    server.stop(0);
    assertThat(Files.readString(log))
        .contains("octavo fetch: %sresnet50-11ad3fa6.pth answered 404".formatted(url));
    assertThat(Files.readAllLines(classes))
        .anyMatch(line -> line.contains(" dev.octavo.fetch.Download "))
        .noneMatch(line -> line.contains(" org.apache.spark.SparkContext "));
  }

  private static String run(String... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream console = new PrintStream(err, true, StandardCharsets.UTF_8);
    assertThat(Octavo.run(console, console, args)).isEqualTo(2);
    return err.toString(StandardCharsets.UTF_8);
  }
}
