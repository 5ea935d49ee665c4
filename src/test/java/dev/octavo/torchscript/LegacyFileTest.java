package dev.octavo.torchscript;

import static dev.octavo.torchscript.WeightFileAssertions.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightFilesTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The format of {@code torch.save} before PyTorch 1.6, by hand and as PyTorch wrote it. */
class LegacyFileTest {
  private static final int LONG1 = Opcode.LONG1;

  @TempDir private Path directory;

  @Test
  void aFileOfPyTorchIsReadAsItsZip() throws IOException {
    StateDict legacy = WeightFiles.read(WeightFilesTest.fixture("legacy.pth"));
    assertThat(legacy.names()).isNotEmpty();
    assertThat(legacy.tensors().values()).allMatch(tensor -> tensor.elements() > 0);
  }

  @Test
  void viewsAndStridesOfOneStorageAreRead() throws IOException {
    Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT);
    tensor(dict.string("whole"), 6, null, 0, new long[] {2, 3}, new long[] {3, 1});
    dict.op(Opcode.SETITEM);
    tensor(dict.string("transposed"), 6, null, 0, new long[] {3, 2}, new long[] {1, 3});
    dict.op(Opcode.SETITEM);
    tensor(dict.string("view"), 6, new long[] {2, 4}, 1, new long[] {3}, new long[] {1});
    dict.op(Opcode.SETITEM);
    StateDict state = WeightFiles.read(file(dict.stop(), 6, 6));
    assertThat(state.tensor("whole")).isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3));
    assertThat(state.tensor("transposed"))
        .isEqualTo(Tensor.of(new float[] {0, 3, 1, 4, 2, 5}, 3, 2));
    assertThat(state.tensor("view")).isEqualTo(Tensor.of(new float[] {3, 4, 5}, 3));
  }

  /** Strings of Python 2, tensors without hooks, parameters as objects: torchvision's first. */
  @Test
  void whatPython2AndTheFirstVersionsWroteIsRead() throws IOException {
    Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT, Opcode.SHORT_BINSTRING, 1, 'a');
    dict.global("torch.nn.parameter", "Parameter");
    dict.global("torch._utils", "_rebuild_tensor").op(Opcode.MARK);
    storage(dict, 2, null).integer(0).tuple(new long[] {2}).tuple(new long[] {1});
    dict.op(Opcode.TUPLE, Opcode.REDUCE, Opcode.TUPLE1, Opcode.REDUCE);
    dict.op(Opcode.NEWTRUE, Opcode.NEWFALSE, Opcode.EMPTY_DICT, Opcode.TUPLE3, Opcode.BUILD);
    StateDict state = WeightFiles.read(file(dict.op(Opcode.SETITEM).stop(), 2, 2));
    assertThat(state.tensor("a")).isEqualTo(Tensor.of(new float[] {0, 1}, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "6, 5, 6, 'storage ''0'' has 5 elements, but its tensors claim 6'",
    "6, 6, 5, 'storage ''0'' of 24 bytes reaches beyond the end of the file (truncated?)'",
    "4, 4, 4, 'does not fit its storage ''0'' of 4 elements'",
    "2000000000000, 6, 6, 'reaches beyond the end of the file'"
  })
  void storagesThatAreNotAsClaimedAreRefused(long claimed, long said, int written, String message)
      throws IOException {
    Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT).string("a");
    tensor(dict, claimed, null, 0, new long[] {6}, new long[] {1}).op(Opcode.SETITEM);
    refuses(file(dict.stop(), said, written)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"-1, 2", "3, 4", "0, 7", "9223372036854775807, 2", "0, -1"})
  void viewsOutsideOfTheirStorageAreRefused(long offset, long elements) throws IOException {
    Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT).string("a");
    long[] view = {offset, elements};
    tensor(dict, 6, view, 0, new long[] {1}, new long[] {1}).op(Opcode.SETITEM);
    refuses(file(dict.stop(), 6, 6)).hasMessageContaining("does not fit its storage '0' of 6");
  }

  @Test
  void aTruncatedFileIsRefusedWhereverItEnds() throws IOException {
    Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT).string("a");
    tensor(dict, 2, null, 0, new long[] {2}, new long[] {1}).op(Opcode.SETITEM);
    byte[] whole = Files.readAllBytes(file(dict.stop(), 2, 2));
    for (int length = 1; length < whole.length; length++) {
      Path cut = Files.write(directory.resolve("cut.pth"), Arrays.copyOf(whole, length));
      refuses(cut);
    }
  }

  @Test
  void anotherPickleIsRefused() throws IOException {
    byte[] pickle = Pickles.protocol2().op(Opcode.EMPTY_DICT).stop();
    refuses(Files.write(directory.resolve("dict.pkl"), pickle))
        .hasMessageContaining("it is a pickle, but not one of torch.save");
  }

  @Test
  void itsPicklesCallNothingEither() throws IOException {
    byte[] pickle =
        Pickles.protocol2()
            .global("posix", "system")
            .string("touch /tmp/owned")
            .op(Opcode.TUPLE1, Opcode.REDUCE)
            .stop();
    refuses(file(pickle, 0, 0)).hasMessageContaining("the Python global 'posix system'");
  }

  @ParameterizedTest
  @CsvSource({
    "torch._utils, _rebuild_qtensor",
    "torch, QInt8Storage",
    "torch, per_channel_affine",
    "torch.ao.nn.quantized.modules.linear, LinearPackedParams"
  })
  void quantizedWeightsAreNamedAsSuch(String module, String name) throws IOException {
    byte[] pickle = Pickles.protocol2().global(module, name).stop();
    refuses(file(pickle, 0, 0))
        .hasMessageEndingWith(
            "it holds the weights of a quantized network ('%s %s'): take the floating-point weights"
                + " that it was made from",
            module, name);
  }

  private static Pickles storage(Pickles pickle, long elements, long[] view) {
    pickle.op(Opcode.MARK).string("storage").global("torch", "FloatStorage").string("0");
    pickle.string("cpu").integer(elements);
    if (view == null) {
      pickle.op(Opcode.NONE);
    } else {
      pickle.op(Opcode.MARK).string("v").integer(view[0]).integer(view[1]).op(Opcode.TUPLE);
    }
    return pickle.op(Opcode.TUPLE, Opcode.BINPERSID);
  }

  private static Pickles tensor(
      Pickles pickle, long elements, long[] view, long offset, long[] shape, long[] strides) {
    pickle.global("torch._utils", "_rebuild_tensor_v2").op(Opcode.MARK);
    storage(pickle, elements, view).integer(offset).tuple(shape).tuple(strides);
    pickle.op(Opcode.NEWFALSE).global("collections", "OrderedDict");
    return pickle.op(Opcode.EMPTY_TUPLE, Opcode.REDUCE, Opcode.TUPLE, Opcode.REDUCE);
  }

  /** A file of that object and one storage {@code 0} of the floats 0, 1, 2 and so on. */
  private Path file(byte[] object, long elements, int written) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Pickles magic = Pickles.protocol2().op(LONG1, 10);
    magic.littleEndian(0x6a20_f946_9cfc_6cL, 7).littleEndian(0x1950_a8L, 3);
    out.writeBytes(magic.stop());
    out.writeBytes(Pickles.protocol2().integer(1001).stop());
    Pickles machine = Pickles.protocol2().op(Opcode.EMPTY_DICT).string("little_endian");
    out.writeBytes(machine.op(Opcode.NEWTRUE, Opcode.SETITEM).stop());
    out.writeBytes(object);
    Pickles keys = Pickles.protocol2().op(Opcode.EMPTY_LIST);
    out.writeBytes(keys.string("0").op(Opcode.APPEND).stop());
    out.writeBytes(Pickles.protocol2().littleEndian(elements, 8).bytes());
    Pickles floats = Pickles.protocol2();
    for (int i = 0; i < written; i++) {
      floats.littleEndian(Float.floatToIntBits(i), 4);
    }
    out.writeBytes(floats.bytes());
    return Files.write(directory.resolve("legacy.pth"), out.toByteArray());
  }
}
