package dev.octavo.torchscript;

import static dev.octavo.torchscript.WeightFileAssertions.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.weights.WeightFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that want more than to be read, or are not what they claim. */
class MaliciousPicklesTest {
  private static final long[] SCALAR = {};

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "posix, system",
    "os, system",
    "builtins, eval",
    "builtins, getattr",
    "subprocess, Popen",
    "torch, load",
    "torch.nn.modules.linear, Linear",
    "__torch, x",
    "java.lang, Runtime"
  })
  void aGlobalThatIsNotATensorsIsRefusedByName(String module, String name) throws IOException {
    byte[] pickle =
        Pickles.protocol2()
            .global(module, name)
            .string("touch /tmp/owned")
            .op(Opcode.TUPLE1, Opcode.REDUCE)
            .stop();
    refuses(archive(pickle, 0))
        .hasMessageContaining(
            "refers to the Python global '%s %s', which is refused: only tensors", module, name);
  }

  @Test
  void aGlobalNamedByTheStackIsRefusedToo() throws IOException {
    byte[] pickle =
        Pickles.protocol2().string("posix").string("system").op(Opcode.STACK_GLOBAL).stop();
    refuses(archive(pickle, 0)).hasMessageContaining("the Python global 'posix system'");
  }

  @ParameterizedTest
  @CsvSource({"i, INST", "o, OBJ", "R, REDUCE of nothing", "\u0092, NEWOBJ_EX", "\u0082, EXT1"})
  void otherWaysToCallSomethingAreRefused(char opcode, String what) throws IOException {
    byte[] pickle = Pickles.protocol2().op(Opcode.MARK, opcode).stop();
    refuses(archive(pickle, 0)).as(what).hasMessageContaining("the pickle");
  }

  @Test
  void aStringIsNotCallable() throws IOException {
    byte[] pickle = Pickles.protocol2().string("x").op(Opcode.EMPTY_TUPLE, Opcode.REDUCE).stop();
    refuses(archive(pickle, 0)).hasMessageContaining("calls what is not a function");
  }

  @Test
  void aStorageThatLiesAboutItsSizeIsRefused() throws IOException {
    byte[] pickle = Pickles.oneTensor(1_000_000, 0, new long[] {1_000_000}, new long[] {1});
    refuses(archive(pickle, 8))
        .hasMessageContaining(
            "tensor 'a': storage '0' claims 1000000 elements of FLOAT32 (4000000 bytes), but its"
                + " entry has 8 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0, 5, 1", // too long
    "4, 1, 4, 1", // too far in
    "4, 0, 2, 4", // stride too wide
    "4, -1, 1, 1",
    "4, 0, -1, 1",
    "4, 3, 4, -1",
    "4, 4, 1, 1",
    "4, 9223372036854775807, 2, 9223372036854775807", // overflows
    "4, 0, 9223372036854775807, 9223372036854775807"
  })
  void aTensorThatReachesOutsideItsStorageIsRefused(
      long elements, long offset, long size, long stride) throws IOException {
    byte[] pickle = Pickles.oneTensor(elements, offset, new long[] {size}, new long[] {stride});
    refuses(archive(pickle, 16)).hasMessageContaining("does not fit its storage '0' of 4 elements");
  }

  @Test
  void hugeDimensionsWithStrideZeroAreRefusedBeforeAnythingIsAllocated() throws IOException {
    byte[] pickle = Pickles.oneTensor(1, 0, new long[] {1 << 29, 3}, new long[] {0, 0});
    refuses(archive(pickle, 4)).hasMessageContaining("more than 2 GiB");
    byte[] smaller = Pickles.oneTensor(1, 0, new long[] {1 << 28}, new long[] {0});
    refuses(archive(smaller, 4)).hasMessageContaining("expand to more than 4 times the file");
    byte[] larger = Pickles.oneTensor(1, 0, new long[] {1L << 62, 4}, new long[] {0, 0});
    refuses(archive(larger, 4)).hasMessageContaining("does not fit its storage");
  }

  @Test
  void anImpossibleNumberOfElementsIsRefused() throws IOException {
    refuses(archive(Pickles.oneTensor(-1, 0, SCALAR, SCALAR), 4))
        .hasMessageContaining("storage '0' claims an impossible number of elements: -1");
    refuses(archive(Pickles.oneTensor(Long.MAX_VALUE, 0, SCALAR, SCALAR), 4))
        .hasMessageContaining("impossible number of elements");
  }

  @Test
  void aHugeClaimedLengthIsRefusedWithoutAllocatingIt() throws IOException {
    byte[] pickle = Pickles.protocol2().op(Opcode.BINUNICODE).littleEndian(0xffff_fff0L, 4).stop();
    refuses(archive(pickle, 0))
        .hasMessageContaining("claims a value of 4294967280 bytes, but only 1 are left");
  }

  @Test
  void aTruncatedPickleIsRefusedWhereverItEnds() throws IOException {
    byte[] whole = Pickles.oneTensor(1, 0, SCALAR, SCALAR);
    for (int length = 0; length < whole.length; length++) {
      Path file = archive(Arrays.copyOf(whole, length), 4);
      refuses(file).hasMessageContaining("pickle");
    }
    assertThat(WeightFiles.read(archive(whole, 4)).names()).containsExactly("a");
  }

  @Test
  void aDictThatContainsItselfIsRefused() throws IOException {
    byte[] pickle =
        Pickles.protocol2()
            .op(Opcode.EMPTY_DICT, Opcode.BINPUT, 0)
            .string("model")
            .op(Opcode.BINGET, 0, Opcode.SETITEM)
            .stop();
    refuses(archive(pickle, 0)).hasMessageContaining("'model' is not a tensor");
  }

  @Test
  void deepNestingIsNoProblemForTheReader() throws IOException {
    Pickles deep = Pickles.protocol2().op(Opcode.EMPTY_TUPLE);
    for (int i = 0; i < 900_000; i++) {
      deep.op(Opcode.TUPLE1);
    }
    refuses(archive(deep.stop(), 0)).hasMessageContaining("holds no dict of tensors");
  }

  /** 1.1 MB that were 8 GB of dicts. */
  @ParameterizedTest
  @ValueSource(ints = {Opcode.EMPTY_DICT, Opcode.EMPTY_LIST, Opcode.NONE, Opcode.MARK})
  void millionsOfValuesAreRefused(int opcode) throws IOException {
    byte[] pickle = Pickles.protocol2().stop();
    byte[] many = new byte[12 << 20];
    Arrays.fill(many, (byte) opcode);
    System.arraycopy(pickle, 0, many, 0, 2);
    for (int method : new int[] {ZipOutputStream.STORED, ZipOutputStream.DEFLATED}) {
      Path file = Pickles.zip(directory.resolve("many.pth"), method, Pickles.entries(many, 4));
      refuses(file)
          .hasMessageContaining("many.pth")
          .hasMessageMatching(".*(has more than 1,000,000 opcodes|zip bomb).*");
    }
  }

  @Test
  void aContainerIsNoKey() throws IOException {
    byte[] pickle =
        Pickles.protocol2()
            .op(Opcode.EMPTY_DICT, Opcode.EMPTY_TUPLE, Opcode.NONE, Opcode.SETITEM)
            .stop();
    refuses(archive(pickle, 0)).hasMessageContaining("key is neither a string nor a number");
  }

  @Test
  void aNameIsNotShownToTheTerminalAsItIs() throws IOException {
    byte[] pickle = Pickles.protocol2().global("\u001b[2J" + "x".repeat(900), "y").stop();
    refuses(archive(pickle, 0)).hasMessageContaining("'?[2Jxxx");
  }

  @Test
  void modulesThatContainEachOtherAreRefused() throws IOException {
    Pickles pickle = Pickles.protocol2();
    module(pickle).op(Opcode.BINPUT, 0, Opcode.EMPTY_DICT);
    pickle.string("self").op(Opcode.BINGET, 0, Opcode.SETITEM, Opcode.BUILD);
    refuses(archive(pickle.stop(), 0)).hasMessageContaining("nested more than 64 deep");
  }

  @Test
  void modulesThatMultiplyAreRefused() throws IOException {
    Pickles pickle = Pickles.protocol2();
    module(pickle).op(Opcode.EMPTY_DICT, Opcode.BUILD, Opcode.BINPUT, 0);
    for (int level = 1; level < 40; level++) { // 2^40 paths in 40 objects
      module(pickle).op(Opcode.EMPTY_DICT);
      pickle.string("left").op(Opcode.BINGET, level - 1, Opcode.SETITEM);
      pickle.string("right").op(Opcode.BINGET, level - 1, Opcode.SETITEM);
      pickle.op(Opcode.BUILD, Opcode.BINPUT, level);
    }
    refuses(archive(pickle.stop(), 0)).hasMessageContaining("or are more than 100000: refused");
  }

  /** One object with many attributes, many times in the tree: 10^10 attributes to look at. */
  @Test
  void attributesThatMultiplyAreRefused() throws IOException {
    Pickles pickle = Pickles.protocol2();
    module(pickle).op(Opcode.EMPTY_DICT);
    for (int i = 0; i < 100_000; i++) {
      pickle.string(String.valueOf(i)).op(Opcode.NEWTRUE, Opcode.SETITEM);
    }
    pickle.op(Opcode.BUILD, Opcode.BINPUT, 0);
    module(pickle).op(Opcode.EMPTY_DICT);
    for (int i = 0; i < 100_000; i++) {
      pickle.string(String.valueOf(i)).op(Opcode.BINGET, 0, Opcode.SETITEM);
    }
    pickle.op(Opcode.BUILD);
    refuses(archive(pickle.stop(), 0)).hasMessageContaining("more than 1000000 attributes");
  }

  @Test
  void aNameThatGrowsOrCannotBePrintedIsRefused() throws IOException {
    Map<String, String> faults = new LinkedHashMap<>();
    faults.put(
        ".".repeat(1 << 20), "a tensor's name has 1,048,576 letters, of which at most 1,000");
    for (String odd : List.of("\u001b[2J", "\u0007", "a\nb", "\u009b", "\u202e", "\u2028")) {
      faults.put(odd, "characters that can't be printed: refused");
    }
    for (Map.Entry<String, String> fault : faults.entrySet()) {
      Pickles dict = Pickles.protocol2().op(Opcode.EMPTY_DICT).string(fault.getKey());
      dict.floats(1, 0, new long[] {1}, new long[] {1}).op(Opcode.SETITEM);
      refuses(archive(dict.stop(), 4))
          .hasMessageContaining(fault.getValue())
          .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("[\\p{C}\u2028]"));
    }
  }

  private Path archive(byte[] pickle, int storageBytes) throws IOException {
    return Pickles.archive(directory, pickle, storageBytes);
  }

  private static Pickles module(Pickles pickle) {
    return pickle.global("__torch__", "M").op(Opcode.EMPTY_TUPLE, Opcode.NEWOBJ);
  }
}
