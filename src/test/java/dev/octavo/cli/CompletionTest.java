package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a shell offers when Tab is pressed. */
final class CompletionTest {
  @TempDir private Path directory;

  @Test
  @EnabledOnOs(OS.LINUX) // bash as old as macOS's sorts otherwise
  void offersOptionsNamesAndFiles() throws Exception {
    assertThat(complete("train", "--sche")).containsExactly("--schedule");
    assertThat(complete("train", "--network", "resnet1"))
        .containsExactlyInAnyOrder("resnet18", "resnet101", "resnet152");
    assertThat(complete("train", "--schedule", "cos")).containsExactly("cosine");
    assertThat(complete("fetch", "res")).containsExactly("resnet50-weights");
    assertThat(complete("score", "--prec")).containsExactly("--precision");
    assertThat(complete("score", "--executor-m")).containsExactly("--executor-memory");
    Files.createDirectory(directory.resolve("model-a"));
    Files.createFile(directory.resolve("model-b"));
    assertThat(complete("score", "--model", "mod")).containsExactly("model-a", "model-b");
    assertThat(complete("score", "--config", "mod")).containsExactly("model-a", "model-b");
    // After a flag, options go on.
    assertThat(complete("score", "--strict-cpu", "--top")).containsExactly("--top-k");
  }

  @Test
  void knowsOptionsOfSparkThatTheJobsTake() throws IOException {
    assertThat(Files.readString(Path.of("jobs/.octavo"))).contains(Completion.SPARK_OPTIONS);
  }

  /** The completion that is registered for the job, as bash calls it. */
  private List<String> complete(String job, String... words) throws Exception {
    Path script = Files.writeString(directory.resolve("completion.bash"), Completion.script());
    String line = "jobs/" + job + " " + String.join(" ", words);
    String program =
        """
        source %s
        cd %s
        compopt() { :; } # works only while Tab is pressed
        COMP_WORDS=(%s) COMP_CWORD=%d COMP_LINE='%s' COMP_POINT=%d
        $(complete -p %s | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, directory, line, words.length, line, line.length(), job);
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", program).redirectErrorStream(true).start();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(output).isZero();
    return output.lines().map(String::strip).sorted().toList();
  }
}
