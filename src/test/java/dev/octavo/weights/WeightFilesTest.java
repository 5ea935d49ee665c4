package dev.octavo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.Opcode;
import dev.octavo.torchscript.Pickles;
import dev.octavo.torchscript.TorchScriptReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that PyTorch wrote; {@code make_fixtures.py} beside the resources made them. */
public class WeightFilesTest {
  @TempDir private Path directory;

  public static Path fixture(String name) {
    try {
      return Path.of(WeightFilesTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsEveryElementTypeOfTorchSave(DType dtype) throws IOException {
    String name = dtype.name().toLowerCase(java.util.Locale.ROOT);
    Tensor tensor = WeightFiles.read(fixture("tensors.pth")).tensor(name);
    assertThat(tensor.dtype()).isEqualTo(dtype);
    ByteBuffer bytes = tensor.bytes();
    if (dtype == DType.FLOAT32) {
      assertThat(tensor.shape()).containsExactly(2, 3);
      assertThat(tensor.toFloats()).containsExactly(0, 1, 2, 3, 4, 5);
    } else if (dtype.isFloatingPoint()) {
      assertThat(tensor.toFloats()).containsExactly(0, 1);
    } else {
      assertThat(bytes.get(0)).isZero();
      assertThat(bytes.get(dtype.bytes())).isEqualTo((byte) 1);
      assertThat(bytes.remaining()).isEqualTo(2 * dtype.bytes());
    }
  }

  @Test
  void readsScalarsAndEmptyTensorsAndParameters() throws IOException {
    StateDict state = WeightFiles.read(fixture("tensors.pth"));
    assertThat(state.tensor("scalar")).isEqualTo(Tensor.scalar(7));
    assertThat(state.tensor("empty")).isEqualTo(Tensor.of(new float[0], 0, 3));
    assertThat(state.tensor("parameter")).isEqualTo(Tensor.of(new float[] {0, 1}, 2));
  }

  @Test
  void makesStridedTensorsContiguous() throws IOException {
    StateDict state = WeightFiles.read(fixture("tensors.pth"));
    assertThat(state.tensor("transposed"))
        .isEqualTo(Tensor.of(new float[] {0, 3, 1, 4, 2, 5}, 3, 2));
    assertThat(state.tensor("channels_last"))
        .isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 1, 2, 2, 2));
    assertThat(state.tensor("expanded")).isEqualTo(Tensor.of(new float[] {0, 1, 0, 1}, 2, 2));
  }

  @Test
  void readsViewsThatShareAStorage() throws IOException {
    StateDict state = WeightFiles.read(fixture("tensors.pth"));
    assertThat(state.tensor("head")).isEqualTo(Tensor.of(new float[] {0, 1}, 2));
    assertThat(state.tensor("tail")).isEqualTo(Tensor.of(new float[] {2, 3, 4, 5}, 4));
    assertThat(state.tensor("even")).isEqualTo(Tensor.of(new float[] {0, 2, 4}, 3));
  }

  @Test
  void unwrapsACheckpoint() throws IOException {
    StateDict state = WeightFiles.read(fixture("checkpoint.pth"));
    assertThat(state.names())
        .containsExactly(
            "module.0.weight",
            "module.0.bias",
            "module.1.weight",
            "module.1.bias",
            "module.1.running_mean",
            "module.1.running_var",
            "module.1.num_batches_tracked");
    assertThat(state.tensor("module.0.weight")).isEqualTo(Tensor.of(new float[] {0, 1}, 1, 2));
    assertThat(state.tensor("module.1.num_batches_tracked")).isEqualTo(Tensor.scalar(0));
  }

  @Test
  void readsTorchScriptUnderTheNamesOfItsStateDict() throws IOException {
    Path file = fixture("script.pt");
    StateDict state = TorchScriptReader.read(file);
    assertThat(state.names())
        .containsExactlyInAnyOrder(
            "conv.weight",
            "conv.bias",
            "bn.weight",
            "bn.bias",
            "bn.running_mean",
            "bn.running_var",
            "bn.num_batches_tracked",
            "seq.0.weight",
            "seq.0.bias");
    assertThat(state.tensor("seq.0.weight"))
        .isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 3, 2));
    assertThat(WeightFiles.read(file)).isEqualTo(state);
  }

  @Test
  void aStateDictIsNotTorchScript() {
    assertThatThrownBy(() -> TorchScriptReader.read(fixture("tensors.pth")))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("tensors.pth: it is not a TorchScript archive");
  }

  @Test
  void aWholeModuleIsRefusedWithTheRemedy() {
    assertThatThrownBy(() -> WeightFiles.read(fixture("module.pth")))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("the Python global 'torch.nn.modules.linear Linear'")
        .hasMessageEndingWith("torch.save(model.state_dict(), file)");
  }

  @Test
  void theFormatIsFoundByContent() throws IOException {
    StateDict state = new StateDict(Map.of("a", Tensor.scalar(1)));
    Path file = directory.resolve("weights.pth");
    WeightFiles.writeSafetensors(state, file);
    assertThat(WeightFiles.read(file)).isEqualTo(state);
    WeightFiles.writePth(state, file);
    assertThat(WeightFiles.read(file)).isEqualTo(state);
  }

  @Test
  void whatIsNoWeightFileIsRefused() throws IOException {
    Path text = Files.writeString(directory.resolve("a.pth"), "not weights at all");
    assertThatThrownBy(() -> WeightFiles.read(text))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("neither a .pth of torch.save, nor a TorchScript archive, nor");
    assertThatThrownBy(() -> WeightFiles.read(directory))
        .hasMessage(directory + " is a directory: name the weight file in it");
    Path absent = directory.resolve("absent.pth");
    assertThatThrownBy(() -> WeightFiles.read(absent))
        .hasMessage("the weight file " + absent + " does not exist");
  }

  @ParameterizedTest
  @CsvSource({
    "'', it is empty (truncated?)",
    "'version https://git-lfs.github.com/spec/v1 oid', 'it is a pointer of Git LFS, not the file"
        + " itself: fetch that with git lfs pull'",
    "'<!DOCTYPE html><html>', 'it is a web page, as sites give in place of a file: download the"
        + " file again'",
    "'\u001f\u008b\b', it is a packed archive: unpack it and name the weight file in it"
  })
  void whatIsFoundInPlaceOfWeightsIsNamed(String content, String kind) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    Path file = Files.write(directory.resolve("w.pth"), bytes);
    assertThatThrownBy(() -> WeightFiles.read(file, "hdfs://host/w.pth"))
        .isInstanceOf(OctavoException.class)
        .hasMessage("cannot read weights from hdfs://host/w.pth: " + kind);
  }

  @Test
  void aZipOfAWeightFileIsToBeUnpacked() throws IOException {
    Path file = directory.resolve("w.zip");
    Pickles.zip(file, ZipOutputStream.DEFLATED, Map.of("resnet18.pth", new byte[9]));
    assertThatThrownBy(() -> WeightFiles.read(file))
        .hasMessageEndingWith("; unpack it and name 'resnet18.pth'");
  }

  /** As {@code {"state_dict": ..., "shape": torch.Size([3]), "dtype": torch.float32}}. */
  @Test
  void shapesAndTypesBesideTheStateDictArePassedOver() throws IOException {
    Pickles pickle = Pickles.protocol2().op(Opcode.EMPTY_DICT).string("state_dict");
    pickle.op(Opcode.EMPTY_DICT).string("a").floats(2, 0, new long[] {2}, new long[] {1});
    pickle.op(Opcode.SETITEM, Opcode.SETITEM).string("shape").global("torch", "Size");
    pickle.tuple(new long[] {3}).op(Opcode.TUPLE1, Opcode.REDUCE, Opcode.SETITEM);
    pickle.string("dtype").global("torch", "float32").op(Opcode.SETITEM);
    Path file = directory.resolve("w.pth");
    Pickles.zip(file, ZipOutputStream.STORED, Pickles.entries(pickle.stop(), 8));
    assertThat(WeightFiles.read(file).names()).containsExactly("a");
  }

  @Test
  void theSameStateDictGivesTheSameBytes() throws IOException {
    StateDict state = WeightFiles.read(fixture("tensors.pth"));
    assertThat(pth(state)).isEqualTo(pth(state));
    assertThat(safetensors(state)).isEqualTo(safetensors(state));
  }

  @Test
  void safetensorsAreAlignedAndListedInTheStateDictsOrder() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", Tensor.of(new byte[] {1}, 1));
    tensors.put("a", Tensor.scalar(2));
    String text =
        new String(safetensors(new StateDict(tensors)), StandardCharsets.ISO_8859_1).substring(8);
    assertThat(text)
        .startsWith(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"b\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[8,9]},"
                + "\"a\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}");
    assertThat(text.lastIndexOf('}') / 8).isEqualTo((text.length() - 9) / 8 - 1);
  }

  private static byte[] pth(StateDict state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    WeightFiles.writePth(state, out);
    return out.toByteArray();
  }

  private static byte[] safetensors(StateDict state) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    WeightFiles.writeSafetensors(state, out);
    return out.toByteArray();
  }
}
