package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsReaderTest {
  @TempDir private Path directory;

  @Test
  void readsTensorsByTheirRanges() throws IOException {
    Path file =
        file(
            """
            {"__metadata__": {"format": "pt"},
             "b": {"dtype": "I8", "shape": [2], "data_offsets": [4, 6]},
             "a": {"dtype": "U8", "shape": [2, 2], "data_offsets": [0, 4]}}""",
            6);
    StateDict state = WeightFiles.read(file);
    assertThat(state.names()).containsExactly("b", "a");
    assertThat(state.tensor("a").bytes().get(3)).isEqualTo((byte) 3);
    assertThat(state.tensor("b")).isEqualTo(Tensor.of(new byte[] {4, 5}, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'I8','shape':[8],'data_offsets':[0,8]}}|reaches beyond the file's 6",
        "{'a':{'dtype':'I8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'I8','shape':[4],'data_offsets':[2,6]}}|'b' lies at bytes 2 to 6: it overlaps another",
        "{'a':{'dtype':'I8','shape':[5],'data_offsets':[1,6]}}|leaves a gap after byte 0",
        "{'a':{'dtype':'I8','shape':[5],'data_offsets':[0,5]}}|1 bytes at the end belong to no tensor",
        "{'a':{'dtype':'F32','shape':[6],'data_offsets':[0,6]}}|'a' is F32[6], which does not take the 6 bytes",
        "{'a':{'dtype':'I8','shape':[-6],'data_offsets':[0,6]}}|not natural numbers",
        "{'a':{'dtype':'I8','shape':[6.0],'data_offsets':[0,6]}}|not natural numbers",
        "{'a':{'dtype':'I8','shape':[99999999999999999999],'data_offsets':[0,6]}}|not natural numbers",
        "{'a':{'dtype':'F64','shape':[4611686018427387904,4],'data_offsets':[0,0]}}|does not take the 0 bytes",
        "{'a':{'dtype':'I8','shape':[6],'data_offsets':[6,0]}}|no valid data_offsets",
        "{'a':{'dtype':'I8','shape':[6],'data_offsets':[0]}}|no valid data_offsets",
        "{'a':{'dtype':'I8','shape':[6]}}|lacks shape or data_offsets",
        "{'a':{'dtype':'I8','shape':[4294967296],'data_offsets':[0,4294967296]}}|more than 2 GiB",
        "{'a':{'dtype':'F8_E4M3','shape':[6],'data_offsets':[0,6]}}|type 'F8_E4M3', which is not supported",
        "{'a':7}|type '', which is not supported",
        "{'a':{'dtype':'I8','shape':[6],'data_offsets':[0,6]},'a':{'dtype':'I8','shape':[6],'data_offsets':[0,6]}}|not valid JSON: Duplicate field 'a'",
        "{'a':|not valid JSON",
        "{} {}|not valid JSON"
      })
  void aHeaderThatBreaksTheFormatIsRefused(String header, String why) throws IOException {
    Path file = file(header.replace('\'', '"'), 6);
    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("cannot read weights from " + file)
        .hasMessageContaining(why);
  }

  @Test
  void aHeaderLongerThanTheFileIsRefusedWithoutAllocatingIt() throws IOException {
    for (long claimed : new long[] {1 << 30, Long.MAX_VALUE, -1, 0}) {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(claimed);
      bytes.put((byte) '{');
      Path file = Files.write(directory.resolve("long.safetensors"), bytes.array());
      assertThatThrownBy(() -> SafetensorsReader.read(file))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("the safetensors header claims %d bytes", claimed);
      assertThatThrownBy(() -> WeightFiles.read(file)).isInstanceOf(OctavoException.class);
    }
  }

  private Path file(String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json);
    for (int i = 0; i < dataBytes; i++) {
      bytes.put((byte) i);
    }
    return Files.write(directory.resolve("weights.safetensors"), bytes.array());
  }
}
