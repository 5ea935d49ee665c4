package dev.octavo.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.artifact.FileTree.Problem;
import dev.octavo.artifact.FileTree.Skipped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTreeTest {
  @TempDir private Path root;

  private final Map<String, Long> files = new TreeMap<>();
  private final Map<String, Problem> problems = new TreeMap<>();
  private final Map<Skipped, Long> skipped = new EnumMap<>(Skipped.class);

  @Test
  void foldersInLoopsAreEnteredOnce() throws IOException {
    put("a/1.jpg");
    put("b/2.jpg");
    link("a/up", root);
    link("a/again", root);
    link("a/to b", root.resolve("b"));
    visit();
    assertThat(files.keySet()).containsExactly("a/1.jpg", "b/2.jpg");
    assertThat(problems).isEmpty();
    assertThat(skipped).isEqualTo(Map.of(Skipped.LINK, 3L));
  }

  @Test
  void ofTwoLinksTheFirstNamesTheFiles(@TempDir Path elsewhere) throws IOException {
    Files.write(elsewhere.resolve("1.jpg"), new byte[3]);
    link("y", elsewhere);
    link("x", elsewhere);
    visit();
    assertThat(files).isEqualTo(Map.of("x/1.jpg", 3L));
    assertThat(skipped).isEqualTo(Map.of(Skipped.LINK, 1L));
  }

  @Test
  void danglingLinksAndSpecialFilesAreProblems() throws IOException, InterruptedException {
    link("a.jpg", root.resolve("gone"));
    link("self", root.resolve("self"));
    int made = new ProcessBuilder("mkfifo", root.resolve("pipe.jpg").toString()).start().waitFor();
    assertThat(made).isZero();
    visit();
    assertThat(files).isEmpty();
    assertThat(problems)
        .isEqualTo(
            Map.of(
                "a.jpg", Problem.NO_SUCH_FILE,
                "self", Problem.NO_SUCH_FILE,
                "pipe.jpg", Problem.SPECIAL));
  }

  @Test
  void aFolderWithoutPermissionIsAProblemAndTheRestGoesOn() throws IOException {
    put("a/1.jpg");
    put("closed/2.jpg");
    Path closed = root.resolve("closed");
    Files.setPosixFilePermissions(closed, Set.of());
    try {
      assumeThat(Files.isReadable(closed)).as("root, who may read everything").isFalse();
      visit();
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
    assertThat(files.keySet()).containsExactly("a/1.jpg");
    assertThat(problems).isEqualTo(Map.of("closed", Problem.FOLDER));
  }

  @Test
  void aFolderThatIsAwayIsRefusedInOneLine() throws IOException {
    for (String name : new String[] {"gone", "file"}) {
      put("file");
      Path away = root.resolve(name);
      assertThatThrownBy(() -> visit(local(), away, () -> {}))
          .isInstanceOf(OctavoException.class)
          .hasMessage(
              "the folder %s can't be listed: check that it is there, and its permissions", away);
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void aFolderThatVanishesMeanwhileIsAProblemAndTheRestGoesOn() throws IOException {
    put("a/1.jpg");
    Files.createDirectory(root.resolve("b"));
    put("c/3.jpg");
    visit(
        local(),
        root,
        () -> {
          try {
            Files.deleteIfExists(root.resolve("b"));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertThat(files.keySet()).containsExactly("a/1.jpg", "c/3.jpg");
    assertThat(problems).isEqualTo(Map.of("b", Problem.FOLDER));
  }

  @Test
  void aManifestThatVanishesMakesNoArtifact() throws IOException {
    put("a/manifest.json");
    put("b/2.jpg");
    try (Vanishing fs = new Vanishing()) {
      visit(fs, root, () -> {});
    }
    assertThat(root.resolve("a/manifest.json")).doesNotExist();
    assertThat(files.keySet()).containsExactly("a/manifest.json", "b/2.jpg");
  }

  @Test
  void byProductsHiddenFilesAndOwnArtifactsAreCounted() throws IOException {
    put("a/_DSC1.jpg");
    put("a/@eaDir/1.jpg/thumb.jpg");
    put("__MACOSX/a/._1.jpg");
    put("a/Thumbs.db");
    put(".hidden/1.jpg");
    put(".out.staging-1/part.parquet");
    put("other/manifest.json");
    put("out/part/1.parquet");
    Manifest manifest = Manifest.of("scores", Map.of(), Map.of(), Map.of());
    Files.writeString(root.resolve("out/manifest.json"), manifest.toJson());
    visit();
    assertThat(files.keySet()).containsExactly("a/_DSC1.jpg", "other/manifest.json");
    assertThat(skipped)
        .isEqualTo(Map.of(Skipped.BY_PRODUCT, 3L, Skipped.HIDDEN, 1L, Skipped.OWN, 3L));
  }

  @Test
  void namesOfOtherBytesAreProblemsWithTheirBytesEscaped() throws Exception {
    String command = "printf x > \"$(printf '%s/caf\\351.jpg' \"$0\")\"";
    int made = new ProcessBuilder("sh", "-c", command, root.toString()).start().waitFor();
    assertThat(made).isZero();
    visit();
    assertThat(files).isEmpty();
    assertThat(problems).isEqualTo(Map.of("caf\\xE9.jpg", Problem.NAME));
  }

  private void put(String path) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[1]);
  }

  private void link(String path, Path target) throws IOException {
    Path link = root.resolve(path);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, target);
  }

  private void visit() throws IOException {
    visit(local(), root, () -> {});
  }

  private static FileSystem local() throws IOException {
    return FileSystem.getLocal(new Configuration());
  }

  private void visit(FileSystem fs, Path folder, Runnable afterEachFile) throws IOException {
    FileTree.visit(
        fs,
        new org.apache.hadoop.fs.Path(folder.toString()),
        new FileTree.Visitor() {
          @Override
          public void file(String path, long bytes) {
            files.put(path, bytes);
            afterEachFile.run();
          }

          @Override
          public void problem(String path, Problem problem) {
            problems.put(path, problem);
          }

          @Override
          public void skipped(Skipped reason) {
            skipped.merge(reason, 1L, Long::sum);
          }
        });
  }

  /** Another file system than the local one, in which manifests are gone once they are listed. */
  private static final class Vanishing extends RawLocalFileSystem {
    private static final URI NAME = URI.create("vanishing:///");

    Vanishing() throws IOException {
      initialize(NAME, new Configuration());
    }

    @Override
    public URI getUri() {
      return NAME;
    }

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path folder) throws IOException {
      FileStatus[] found = super.listStatus(folder);
      delete(new org.apache.hadoop.fs.Path(folder, Manifest.FILE_NAME), false);
      return found;
    }
  }
}
