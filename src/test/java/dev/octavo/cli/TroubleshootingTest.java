package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/troubleshooting.md} is looked up by message. */
final class TroubleshootingTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)`");

  /** What differs from case to case: an ellipsis, a number's letter, a name, what is in quotes. */
  private static final Pattern VARIABLE =
      Pattern.compile("…|\\b[A-Z]+\\b|'[^']*'|--[a-z-]+|[():]|\\d+");

  @Test
  void listsMessagesAsTheyAreWritten() throws IOException {
    String sources = sources();
    List<String> messages =
        ROW.matcher(Files.readString(Path.of("docs/troubleshooting.md")))
            .results()
            .map((MatchResult row) -> row.group(1))
            .toList();
    assertThat(messages).hasSizeGreaterThan(20);
    for (String message : messages) {
      assertThat(VARIABLE.splitAsStream(message).map(String::strip).filter(s -> s.length() > 2))
          .as(message)
          .isNotEmpty()
          .allMatch(sources::contains);
    }
  }

  /** The code and the script that write messages, their literals joined. */
  private static String sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      return Stream.concat(files.filter(Files::isRegularFile), Stream.of(Path.of("jobs/.octavo")))
          .map(TroubleshootingTest::read)
          .collect(Collectors.joining("\n"));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file)
          .replaceAll("\"\\s*\\+\\s*\"", "")
          .replaceAll("\" *\\\\\\n *\"", " ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
