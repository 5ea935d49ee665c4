package dev.octavo.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.tensor.MalformedFileException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufReaderTest {
  private static ProtobufReader reader(int... bytes) {
    byte[] message = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      message[i] = (byte) bytes[i];
    }
    return new ProtobufReader(ByteBuffer.wrap(message));
  }

  private static void readAll(ProtobufReader reader) {
    while (reader.next()) {}
  }

  /** The example of the documentation of the encoding: field 1 is 150. */
  @Test
  void readsTheExampleOfTheEncoding() {
    ProtobufReader reader = reader(0x08, 0x96, 0x01);
    assertThat(reader.next()).isTrue();
    assertThat(reader.field()).isEqualTo(1);
    assertThat(reader.integer()).isEqualTo(150);
    assertThat(reader.next()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 1L << 35, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numbersSurvive(long value) {
    byte[] bytes = new ProtobufMessage().integer(7, value).toBytes();
    ProtobufReader reader = new ProtobufReader(ByteBuffer.wrap(bytes));
    assertThat(reader.next()).isTrue();
    assertThat(reader.integer()).isEqualTo(value);
  }

  @Test
  void messagesWithinMessagesSurvive() {
    ByteBuffer data = ByteBuffer.wrap(new byte[] {1, 2, 3});
    ProtobufMessage inner = new ProtobufMessage().text(1, "ä").bytes(2, data).float32(3, 1.5f);
    byte[] bytes =
        new ProtobufMessage().message(4, inner).float64(5, 2.5).message(4, inner).toBytes();
    ProtobufReader outer = new ProtobufReader(ByteBuffer.wrap(bytes));
    for (int i = 0; i < 3; i++) {
      assertThat(outer.next()).isTrue();
      if (outer.field() == 4) {
        ProtobufReader reader = outer.message();
        assertThat(reader.next()).isTrue();
        assertThat(reader.text()).isEqualTo("ä");
        assertThat(reader.next()).isTrue();
        assertThat(reader.bytes()).isEqualTo(data);
        assertThat(reader.next()).isTrue();
        assertThat(reader.next()).isFalse();
      }
    }
    assertThat(outer.next()).isFalse();
  }

  @Test
  void repeatedNumbersAreReadPackedOrNot() {
    List<Long> values = new ArrayList<>();
    ProtobufReader reader = reader(0x08, 5, 0x0a, 3, 1, 0x96, 0x01);
    while (reader.next()) {
      reader.integers(values::add);
    }
    assertThat(values).containsExactly(5L, 1L, 150L);
  }

  @Test
  void whatIsNoMessageIsRefused() {
    assertThatThrownBy(() -> readAll(reader(0x0a, 5, 1)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageEndingWith("field 1 claims 5 bytes, but 1 are left (truncated?)");
    assertThatThrownBy(() -> readAll(reader(0x08, 0x80)))
        .hasMessageEndingWith("it ends within a number (truncated?)");
    int[] endless = new int[12];
    Arrays.fill(endless, 0xff);
    endless[0] = 0x08;
    assertThatThrownBy(() -> readAll(reader(endless)))
        .hasMessageEndingWith("a number has more than 64 bits");
    assertThatThrownBy(() -> readAll(reader(0x0b))).hasMessageEndingWith("wire type 3 isn't known");
    assertThatThrownBy(() -> readAll(reader(0x00, 1))).hasMessageEndingWith("field 0 can't be");
    ProtobufReader text = reader(0x0a, 1, 'x');
    assertThat(text.next()).isTrue();
    assertThatThrownBy(text::integer).hasMessageEndingWith("field 1 has wire type 2, not 0");
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    ProtobufReader reader = new ProtobufReader(ByteBuffer.wrap(bytes));
    try {
      readAll(reader);
    } catch (MalformedFileException e) {
      assertThat(e).hasMessageStartingWith("no protobuf message at byte ");
    }
  }
}
