package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** {@code conf/kubernetes} names what the build makes, and its files name each other's things. */
final class KubernetesFilesTest {
  private static final Path FOLDER = Path.of("conf/kubernetes");
  private static final Path DIST = Path.of(System.getProperty("octavo.dist"));

  private static List<MatchResult> inDockerfile(String regex) throws IOException {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(Files.readString(FOLDER.resolve("Dockerfile")))
        .results()
        .toList();
  }

  /** The value of a tag in the POM that stands there first, that of Spark 3.5. */
  private static String pom(String tag) throws IOException {
    return Pattern.compile("<%s>(.*?)</%<s>".formatted(Pattern.quote(tag)))
        .matcher(Files.readString(Path.of("pom.xml")))
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  private static Properties settings() throws IOException {
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(FOLDER.resolve("spark.properties"))) {
      settings.load(reader);
    }
    return settings;
  }

  @Test
  void whatTheImageCopiesIsThereAfterABuild() throws IOException {
    String jar = "target/octavo-spark-3.5_2.12-%s.jar".formatted(pom("version"));
    List<String> copied = inDockerfile("^COPY (\\S+) \\S+$").stream().map(m -> m.group(1)).toList();
    assertThat(copied).contains("target/dist/lib", jar);
    for (String source : copied) {
      if (source.startsWith("target/dist/")) {
        assertThat(DIST.resolve(source.substring("target/dist/".length()))).isNotEmptyDirectory();
      } else if (!source.equals(jar)) { // which a package makes
        assertThat(source).startsWith("conf/");
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + source);
        try (Stream<Path> files = Files.list(Path.of("conf"))) {
          assertThat(files).as(source).anyMatch(matcher::matches);
        }
      }
    }
    assertThat(inDockerfile("^FROM apache/spark:([\\d.]+)-scala([\\d.]+)-java17-"))
        .singleElement()
        .satisfies(
            from -> {
              assertThat(from.group(1)).isEqualTo(pom("spark.version"));
              assertThat(from.group(2)).isEqualTo(pom("scala.binary.version"));
            });
  }

  @Test
  void theSettingsNameWhatTheImageHas() throws IOException {
    List<String> inImage =
        inDockerfile("^COPY \\S+ (\\S+)$").stream().map(m -> m.group(1)).toList();
    Properties settings = settings();
    for (String key : List.of("spark.driver.extraClassPath", "spark.executor.extraClassPath")) {
      assertThat(settings.getProperty(key).replace("/*", "").split(":"))
          .as(key)
          .isSubsetOf(inImage);
    }
    assertThat(inImage).contains("/opt/octavo/octavo.jar");
    assertThat(Files.readString(Path.of("docs/clusters.md")))
        .contains(
            "local:///opt/octavo/octavo.jar", "--properties-file conf/kubernetes/spark.properties");
  }

  @Test
  @SuppressWarnings("unchecked") // YAML has no types
  void thePodHasTheContainerAndTheVolumeThatTheOthersName() throws IOException {
    Map<String, Object> pod;
    Properties settings = settings();
    try (Reader reader = Files.newBufferedReader(FOLDER.resolve("pod.yaml"))) {
      pod = new Yaml().load(reader);
    }
    assertThat(pod).containsEntry("apiVersion", "v1").containsEntry("kind", "Pod");
    var spec = (Map<String, Object>) pod.get("spec");
    var container = ((List<Map<String, Object>>) spec.get("containers")).get(0);
    var mount = ((List<Map<String, Object>>) container.get("volumeMounts")).get(0);
    var volume = ((List<Map<String, Object>>) spec.get("volumes")).get(0);
    assertThat(volume).containsEntry("name", mount.get("name"));
    for (String role : List.of("driver", "executor")) {
      String template = "spark.kubernetes." + role + ".podTemplate";
      assertThat(Path.of(settings.getProperty(template + "File"))).isRegularFile();
      assertThat(settings.getProperty(template + "ContainerName")).isEqualTo(container.get("name"));
      assertThat(settings.getProperty("spark." + role + ".extraJavaOptions"))
          .contains("cachedir=" + mount.get("mountPath") + "/");
    }
    assertThat(inDockerfile("^ENV DJL_CACHE_DIR=(\\S+)/\\w+$").get(0).group(1))
        .isEqualTo(mount.get("mountPath"));
  }
}
