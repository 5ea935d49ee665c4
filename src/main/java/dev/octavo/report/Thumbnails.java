package dev.octavo.report;

import dev.octavo.artifact.ParquetRows;
import dev.octavo.artifact.Paths;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.SquareDecoder;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.results.InputSource;
import dev.octavo.results.InputSource.Split;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Small JPEGs of images, the square that a network sees, as text that a page can hold. */
final class Thumbnails {
  static final int SIDE = 96;

  private static final Preprocessing SQUARE = Preprocessing.ofSize(SIDE);
  private static final float QUALITY = 0.7f;

  /** All of them together, as Base64, so that a page stays below 3 MB. */
  private static final long MOST_BYTES = 1_600_000;

  /** A dataset or table is read to its end to find a few rows; a larger one is left alone. */
  private static final long MOST_READ = 8L << 30;

  private final Map<String, String> images = new HashMap<>();
  private final InputSource source;
  private final Configuration conf;
  private long bytes;

  private Thumbnails(Configuration conf, InputSource source) {
    this.conf = conf;
    this.source = source;
  }

  /** No images at all. */
  static Thumbnails none() {
    return new Thumbnails(new Configuration(false), null);
  }

  /**
   * The images that were scored, as far as they are still there.
   *
   * @param source where they came from
   * @param paths in the order in which they matter: the last ones are left out when space runs out
   */
  static Thumbnails of(Configuration conf, InputSource source, List<String> paths)
      throws IOException {
    Thumbnails thumbnails = new Thumbnails(conf, source);
    try (SquareDecoder decoder = new SquareDecoder(Set.of(SQUARE), DecodeLimits.DEFAULT)) {
      Map<String, String> small = thumbnails.read(Set.copyOf(paths), decoder);
      for (String path : paths) {
        String image = small.get(path);
        if (image != null
            && !thumbnails.images.containsKey(path)
            && thumbnails.bytes + image.length() <= MOST_BYTES) {
          thumbnails.images.put(path, image);
          thumbnails.bytes += image.length();
        }
      }
    }
    return thumbnails;
  }

  /** An image as the value of {@code src}; empty where it can't be shown. */
  Optional<String> image(String path) {
    return Optional.ofNullable(images.get(path));
  }

  /** Returns whether there is any. */
  boolean isEmpty() {
    return images.isEmpty();
  }

  private Map<String, String> read(Set<String> paths, SquareDecoder decoder) throws IOException {
    if (source instanceof Split split) {
      // Those of other splits, too: a path is that of one image.
      Path rows = new Path(split.dataset(), DatasetArtifact.IMAGES);
      return rows(rows, DatasetSchema.PATH, DatasetSchema.IMAGE, paths, decoder);
    }
    if (source instanceof InputSource.Table table) {
      return table.table().contains("/") && table.format().equals("parquet")
          ? rows(new Path(table.table()), table.pathColumn(), table.imageColumn(), paths, decoder)
          : Map.of();
    }
    Map<String, String> found = new HashMap<>();
    for (String path : paths) {
      file(path).flatMap(file -> small(file, decoder)).ifPresent(jpeg -> found.put(path, jpeg));
    }
    return found;
  }

  private Map<String, String> rows(
      Path directory,
      String pathColumn,
      String imageColumn,
      Set<String> paths,
      SquareDecoder decoder)
      throws IOException {
    List<FileStatus> files = new ArrayList<>();
    for (FileStatus file : ParquetRows.files(conf, directory)) {
      // Names are read first: images are most of a file, and of many files none is wanted.
      if (holdsAny(file.getPath(), pathColumn, paths)) {
        files.add(file);
      }
    }
    Map<String, String> found = new HashMap<>();
    if (files.stream().mapToLong(FileStatus::getLen).sum() <= MOST_READ) {
      ParquetRows rows = new ParquetRows(conf, List.of(pathColumn, imageColumn));
      for (FileStatus file : files) {
        rows.read(
            file.getPath(),
            row -> {
              String path = ParquetRows.string(row, pathColumn);
              if (path != null && paths.contains(path) && ParquetRows.has(row, imageColumn)) {
                small(row.getBinary(imageColumn, 0).getBytes(), decoder)
                    .ifPresent(jpeg -> found.put(path, jpeg));
              }
            });
      }
    }
    return found;
  }

  private boolean holdsAny(Path file, String pathColumn, Set<String> paths) throws IOException {
    boolean[] any = {false};
    new ParquetRows(conf, List.of(pathColumn))
        .read(file, row -> any[0] |= paths.contains(ParquetRows.string(row, pathColumn)));
    return any[0];
  }

  /** The bytes of a file; empty if it was moved or deleted since, or can't be read. */
  private Optional<byte[]> file(String name) {
    try {
      Path path = Paths.of(name);
      FileSystem fs = path.getFileSystem(conf);
      if (fs.getFileStatus(path).getLen() > DecodeLimits.DEFAULT_MAX_BYTES) {
        return Optional.empty();
      }
      try (InputStream in = fs.open(path)) {
        return Optional.of(in.readAllBytes());
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> small(byte[] file, SquareDecoder decoder) {
    ByteBuffer square = ByteBuffer.allocateDirect(SQUARE.bytes());
    try {
      decoder.decode(file, Map.of(SQUARE, square));
      return Optional.of(
          "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg(square.flip())));
    } catch (UndecodableImageException | IOException e) {
      return Optional.empty();
    }
  }

  private static byte[] jpeg(ByteBuffer rgb) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image.setRGB(x, y, (rgb.get() & 0xff) << 16 | (rgb.get() & 0xff) << 8 | (rgb.get() & 0xff));
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(QUALITY);
      try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(image, null, null), how);
      }
      return bytes.toByteArray();
    } finally {
      writer.dispose();
    }
  }
}
