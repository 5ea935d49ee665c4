package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.ArtifactFiles;
import dev.octavo.artifact.Manifest;
import dev.octavo.tensor.StateDict;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/** A copy of a bundle with other content, as an attacker or a bad disk would leave it. */
public final class ForgedBundle {
  private static final String CODE = "/code/__torch__.py";
  private static final String LAST_LINE = "    return logits\n";

  private final Path directory;

  /** A copy that is still sound. */
  public ForgedBundle(Path bundle, Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    try (var files = Files.list(bundle)) {
      for (Path file : files.filter(f -> !f.toString().endsWith(".crc")).toList()) {
        Files.copy(file, file(file.getFileName().toString()));
      }
    }
  }

  /** A file of it. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  /** Flips a bit amid a file; nothing else tells of it. */
  public void flip(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(file(name));
    bytes[bytes.length / 2] ^= 1;
    Files.write(file(name), bytes);
  }

  /**
   * Has the code in each of its programs create a file and return zeros, in a bundle whose hashes
   * fit.
   */
  public void addForeignCode(Path written) throws IOException {
    for (String name : List.of(ModelBundle.MODEL_FILE, ModelBundle.VARIANT_FILE)) {
      if (Files.exists(file(name))) {
        Files.write(file(name), withForeignCode(file(name), written));
      }
    }
    sign();
  }

  /** Files other tensors, with no code at all, in a bundle whose hashes fit. */
  void replaceTensors(String name, StateDict tensors) throws IOException {
    ScriptModule module = new ScriptModule("Forged");
    tensors.tensors().forEach(module::buffer);
    try (OutputStream out = Files.newOutputStream(file(name))) {
      ScriptArchive.write(module, List.of(), out);
    }
    sign();
  }

  private static byte[] withForeignCode(Path program, Path written) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipFile zip = new ZipFile(program.toFile());
        ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.setMethod(ZipOutputStream.STORED);
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] content = zip.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(CODE)) {
          content = foreign(content, written);
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        CRC32 crc = new CRC32();
        crc.update(content);
        copy.setSize(content.length);
        copy.setCrc(crc.getValue());
        out.putNextEntry(copy);
        out.write(content);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] foreign(byte[] code, Path written) {
    String source = new String(code, StandardCharsets.UTF_8);
    assertThat(source).containsOnlyOnce(LAST_LINE);
    return source
        .replace(
            LAST_LINE,
            """
                written = torch.fill_(torch.from_file("%s", True, 4, dtype=6), 0)
                return torch.mul(torch.abs(logits), torch.sum(written))
            """
                .formatted(written))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Gives it a manifest with the hashes of its files. */
  private void sign() throws IOException {
    Path file = file(Manifest.FILE_NAME);
    Manifest manifest = Manifest.fromJson(Files.readString(file), file.toString());
    FileSystem fs = FileSystem.getLocal(new Configuration());
    Manifest fitting =
        manifest.withFiles(
            ArtifactFiles.record(fs, new org.apache.hadoop.fs.Path(directory.toString())));
    Files.writeString(file, fitting.toJson());
  }
}
