package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.artifact.FileTree;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of a folder tree: names and sizes, never contents.
 *
 * @param root qualified
 * @param sizes in bytes, by path relative to the root
 * @param hidden files that are not looked at because a part of their path begins with a dot, as
 *     {@code .DS_Store}. (An underscore doesn't hide: cameras name files {@code _DSC0001.JPG}.)
 */
record Listing(Path root, SortedMap<String, Long> sizes, long hidden) {

  static Listing of(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    // A Path made of a string, unlike one made of a URI, has no slash at its end.
    Path root = new Path(fs.makeQualified(folder).toString());
    String prefix = root.toUri().getPath();
    int start = prefix.endsWith("/") ? prefix.length() : prefix.length() + 1;
    SortedMap<String, Long> sizes = new TreeMap<>();
    AtomicLong hidden = new AtomicLong();
    try {
      if (!fs.getFileStatus(root).isDirectory()) {
        throw new OctavoException.Usage("%s is not a folder".formatted(root));
      }
      FileTree.forEachFile(
          fs,
          root,
          file -> {
            String path = file.getPath().toUri().getPath().substring(start);
            if (path.startsWith(".") || path.contains("/.")) {
              hidden.incrementAndGet();
            } else {
              sizes.put(path, file.getLen());
            }
          });
    } catch (FileNotFoundException e) {
      throw new OctavoException.Usage("the folder %s does not exist".formatted(root));
    }
    if (sizes.isEmpty()) {
      throw new OctavoException.Usage("%s holds no files".formatted(root));
    }
    return new Listing(root, sizes, hidden.get());
  }

  long bytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }
}
