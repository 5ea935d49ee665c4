package dev.octavo.artifact;

import dev.octavo.artifact.FileTree.Problem;
import dev.octavo.artifact.FileTree.Skipped;
import dev.octavo.artifact.FileTree.Visitor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A tree of local files. Unlike Hadoop's, this listing keeps links to nothing, and names whose
 * bytes the JVM's locale can't decode.
 */
final class LocalTree {
  private record Folder(Path path, String prefix, Skipped reason) {}

  private final Visitor visitor;
  private final Set<Object> entered = new HashSet<>();
  private final Deque<Folder> links = new ArrayDeque<>();

  LocalTree(Visitor visitor) {
    this.visitor = visitor;
  }

  void visit(Path root) throws IOException {
    links.add(new Folder(root, "", null));
    while (!links.isEmpty()) {
      enter(links.remove());
    }
  }

  private void enter(Folder folder) throws IOException {
    boolean first;
    List<Folder> folders = new ArrayList<>();
    try {
      first = entered.add(identity(folder.path()));
      if (first) {
        look(folder, folders);
      }
    } catch (IOException e) {
      if (folder.prefix().isEmpty()) {
        throw e;
      }
      problem(folder.prefix().substring(0, folder.prefix().length() - 1), Problem.FOLDER, folder);
      return;
    }
    if (!first) {
      visitor.skipped(folder.reason() == null ? Skipped.LINK : folder.reason());
    }
    folders.sort((a, b) -> a.prefix().compareTo(b.prefix()));
    for (Folder below : folders) {
      if (Files.isSymbolicLink(below.path())) {
        links.add(below);
      } else {
        enter(below);
      }
    }
  }

  private void look(Folder folder, List<Folder> folders) throws IOException {
    boolean own = !folder.prefix().isEmpty() && isArtifact(folder.path());
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder.path())) {
      for (Path path : found) {
        String name = name(path);
        Skipped reason = own ? Skipped.OWN : folder.reason();
        reason = reason == null ? FileTree.reason(name) : reason;
        Folder place = new Folder(path, folder.prefix() + name + "/", reason);
        BasicFileAttributes attributes = attributes(path);
        if (attributes != null && attributes.isDirectory()) {
          folders.add(place);
        } else if (attributes == null) {
          problem(folder.prefix() + name, Problem.NO_SUCH_FILE, place);
        } else if (!attributes.isRegularFile()) {
          problem(folder.prefix() + name, Problem.SPECIAL, place);
        } else if (!canBeNamed(path)) {
          problem(folder.prefix() + name, Problem.NAME, place);
        } else if (reason == null) {
          visitor.file(folder.prefix() + name, attributes.size());
        } else {
          visitor.skipped(reason);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isArtifact(Path folder) {
    Path manifest = folder.resolve(Manifest.FILE_NAME);
    if (!Files.isRegularFile(manifest)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(manifest)) {
      return FileTree.isManifest(in.readNBytes(FileTree.MANIFEST_BYTES));
    } catch (IOException e) {
      return false;
    }
  }

  private void problem(String path, Problem problem, Folder place) {
    if (place.reason() == null) {
      visitor.problem(path, problem);
    } else {
      visitor.skipped(place.reason());
    }
  }

  /** The attributes of what a path leads to, or null where it leads to nothing. */
  private static BasicFileAttributes attributes(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      return null;
    }
  }

  private static Object identity(Path folder) throws IOException {
    Object key = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    return key == null ? folder.toRealPath(new LinkOption[0]) : key;
  }

  private static boolean canBeNamed(Path path) {
    try {
      return Path.of(path.toString()).equals(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The name as UTF-8, with bytes that aren't as {@code \xNN}. */
  private static String name(Path path) {
    if (canBeNamed(path)) {
      return path.getFileName().toString();
    }
    // A path's URI has its bytes, whatever the locale.
    String raw = URI.create(path.toUri().toString()).getRawPath();
    raw = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    raw = raw.substring(raw.lastIndexOf('/') + 1);
    byte[] bytes = new byte[raw.length()];
    int count = 0;
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes[count++] = (byte) Integer.parseInt(raw.substring(i + 1, i + 3), 16);
        i += 2;
      } else {
        bytes[count++] = (byte) raw.charAt(i);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, count))
          .toString();
    } catch (CharacterCodingException e) {
      StringBuilder printable = new StringBuilder();
      for (int i = 0; i < count; i++) {
        boolean ascii = bytes[i] >= ' ' && bytes[i] < 127;
        printable.append(ascii ? "" + (char) bytes[i] : "\\x%02X".formatted(bytes[i] & 0xFF));
      }
      return printable.toString();
    }
  }
}
