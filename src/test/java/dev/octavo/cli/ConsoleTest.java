package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Console console = new Console(new PrintStream(bytes, true));

  private String printed() {
    console.flush();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatSteersATerminalIsPrintedAsAnEscape() {
    console.println("a\u001B[31mb\u0007c\u009Bd\u202Ee\u2028f\uD800g");
    assertThat(printed()).isEqualTo("a\\u001B[31mb\\u0007c\\u009Bd\\u202Ee\\u2028f\\uD800g\n");
  }

  @Test
  void aNameFeignsNoLine() {
    console.printf("missing: %s, %d of %.1f%n", "fc.weight\noctavo train: all is well\r", 3, 4.5);
    assertThat(printed())
        .isEqualTo("missing: fc.weight\\u000Aoctavo train: all is well\\u000D, 3 of 4.5\n");
  }

  @Test
  void textOfAllScriptsStaysAsItIs() {
    console.println("bäckerei 厨房 кухня 👩\u200D🍳 مطبخ\n  second line");
    assertThat(printed()).isEqualTo("bäckerei 厨房 кухня 👩\u200D🍳 مطبخ\n  second line\n");
  }
}
