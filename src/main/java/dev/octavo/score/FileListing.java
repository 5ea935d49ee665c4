package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.artifact.FileTree;
import dev.octavo.artifact.InputFiles;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.TextFiles;
import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.InputSource.PathList;
import dev.octavo.score.InputListing.FileEntry;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the files of a folder tree or of a list. */
final class FileListing {
  private static final Logger LOG = LoggerFactory.getLogger(FileListing.class);
  private static final int STATUS_CALLS_PER_TASK = 2_000;

  private final SparkSession spark;
  private final Configuration conf;

  /** The files skipped the last time; a folder that is watched is listed again and again. */
  private Map<FileTree.Skipped, Long> told = Map.of();

  FileListing(SparkSession spark) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
  }

  /**
   * All files of a tree but those that {@link FileTree} skips; what can't be read has a negative
   * length.
   *
   * @throws OctavoException if there is no such folder
   */
  InputListing.Files list(Folder source) throws IOException {
    FileSystem fs = source.directory().getFileSystem(conf);
    if (!fs.exists(source.directory())) {
      throw new OctavoException(
          "there is no folder %s (option --images)".formatted(source.directory()));
    }
    if (!fs.getFileStatus(source.directory()).isDirectory()) {
      throw new OctavoException(
          "%s is a file: --images takes a folder, --list a list of files"
              .formatted(source.directory()));
    }
    Path root = fs.makeQualified(source.directory());
    List<FileEntry> files = new ArrayList<>();
    Map<FileTree.Skipped, Long> skipped = new EnumMap<>(FileTree.Skipped.class);
    FileTree.visit(
        fs,
        root,
        new FileTree.Visitor() {
          @Override
          public void file(String path, long bytes) {
            files.add(new FileEntry(path, bytes));
          }

          @Override
          public void problem(String path, FileTree.Problem problem) {
            files.add(new FileEntry(path, problem.code()));
          }

          @Override
          public void skipped(FileTree.Skipped reason) {
            skipped.merge(reason, 1L, Long::sum);
          }
        });
    if (!skipped.equals(told)) {
      skipped.forEach((reason, count) -> LOG.warn("{}: skipped {} {}", root, count, reason.text()));
      told = skipped;
    }
    return sorted(files, entry -> input(entry, below(root, entry.path())), skipped);
  }

  /**
   * The files of a list, with their lengths, which the executors ask for.
   *
   * @throws OctavoException if there is no such list, or no such column in it
   */
  InputListing.Files list(PathList source) throws IOException {
    FileSystem fs = source.list().getFileSystem(conf);
    if (!fs.exists(source.list())) {
      throw new OctavoException("there is no list %s (option --list)".formatted(source.list()));
    }
    Path list = fs.makeQualified(source.list());
    Path base = list.getParent();
    JavaRDD<String> paths = paths(list, source.pathColumn()).filter(p -> !p.isBlank()).distinct();
    SerializableConfiguration serializable = new SerializableConfiguration(conf);
    String baseUri = base.toUri().toString();
    long count = paths.count();
    int tasks = (int) Math.max(1, Math.min(1_000, count / STATUS_CALLS_PER_TASK));
    List<FileEntry> files =
        new ArrayList<>(
            paths
                .repartition(tasks)
                .map(p -> new FileEntry(p, length(p, baseUri, serializable.value())))
                .collect());
    return sorted(files, entry -> input(entry, resolved(entry.path(), baseUri)), Map.of());
  }

  private JavaRDD<String> paths(Path list, String column) throws IOException {
    FileSystem fs = list.getFileSystem(conf);
    boolean parquet = fs.getFileStatus(list).isDirectory() || list.getName().endsWith(".parquet");
    if (!parquet) {
      byte[] bytes;
      try (InputStream in = fs.open(list)) {
        bytes = in.readAllBytes();
      }
      return JavaSparkContext.fromSparkContext(spark.sparkContext())
          .parallelize(TextFiles.lines(bytes, list).stream().map(String::strip).toList());
    }
    var table = spark.read().parquet(Paths.literal(list));
    if (!List.of(table.columns()).contains(column)) {
      throw new OctavoException(
          "%s has no column '%s' but %s; name the one that holds paths with --path-column"
              .formatted(list, column, String.join(", ", table.columns())));
    }
    return table
        .select(functions.col(column).cast("string"))
        .na()
        .drop()
        .as(Encoders.STRING())
        .javaRDD();
  }

  private static InputListing.Files sorted(
      List<FileEntry> files,
      Function<FileEntry, Example<String>> input,
      Map<FileTree.Skipped, Long> skipped) {
    files.sort(Comparator.comparing(FileEntry::path));
    return new InputListing.Files(files, input, skipped);
  }

  private static long length(String path, String base, Configuration conf) {
    try {
      Path file = new Path(URI.create(resolved(path, base)));
      String scheme = String.valueOf(file.toUri().getScheme());
      if (scheme.equals("http") || scheme.equals("https")) {
        return FileTree.Problem.FILE_SYSTEM.code();
      }
      FileSystem fs = file.getFileSystem(conf);
      FileStatus status = fs.getFileStatus(file);
      if (InputFiles.isSpecial(fs, file)) {
        return FileTree.Problem.SPECIAL.code();
      }
      return status.isDirectory() ? FileTree.Problem.DIRECTORY.code() : status.getLen();
    } catch (FileNotFoundException | IllegalArgumentException e) {
      return FileTree.Problem.NO_SUCH_FILE.code();
    } catch (UnsupportedFileSystemException e) {
      return FileTree.Problem.FILE_SYSTEM.code();
    } catch (IOException e) {
      return FileTree.Problem.REFUSED.code();
    }
  }

  /** The URI of a listed path, which may be a URI, absolute, or relative to the list. */
  static String resolved(String path, String base) {
    if (path.matches("[a-zA-Z][a-zA-Z0-9+.-]+:/.*")) {
      return new Path(path).toUri().toString();
    }
    URI root = URI.create(base);
    return withPath(root, path.startsWith("/") ? path : root.getPath() + "/" + path);
  }

  private static Example<String> input(FileEntry entry, String uri) {
    int end = entry.path().lastIndexOf('/');
    int start = entry.path().lastIndexOf('/', end - 1);
    String folder =
        end < 0
            ? new Path(URI.create(uri)).getParent().getName()
            : entry.path().substring(start + 1, end);
    ImageItem image =
        entry.length() < 0
            ? new ImageItem.Failed("unreadable: " + FileTree.Problem.of(entry.length()).text())
            : new ImageItem.FileRef(uri, entry.length());
    return new Example<>(entry.path(), folder, image);
  }

  private static String below(Path root, String relative) {
    String base = root.toUri().getPath();
    return withPath(root.toUri(), (base.endsWith("/") ? base : base + "/") + relative);
  }

  private static String withPath(URI uri, String path) {
    try {
      return new URI(uri.getScheme(), uri.getAuthority(), path, null, null).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("%s is no path".formatted(path), e);
    }
  }
}
