package dev.octavo.tracking;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.IOUtils;

/**
 * Writes a run's figures as TensorBoard event files ({@code events.out.tfevents.<seconds>.<host>}),
 * one directory per run, on any Hadoop file system.
 *
 * <p>Settings and status are texts ({@code settings}, {@code status}), figures are scalars. Each
 * epoch is flushed, so a TensorBoard that is running shows it. Object stores show a file only when
 * it is closed, that is when the run ends.
 *
 * <p>A run that is resumed continues in the same directory with a file of its own; TensorBoard
 * reads the files of a directory in the order of their names, which is that of time. Epochs after
 * the checkpoint appear in both files. An event tells TensorBoard where training began again, and
 * it drops what it had from that step on. It does the same where epochs come again after workers
 * were lost, and where another run is trained under an old run's name.
 *
 * <p>TensorBoard keeps scalars as {@code float}.
 */
public final class TensorBoardWriter implements RunTracker {
  private static final int MAX_FILES_PER_SECOND = 100;

  private final Configuration conf;
  private final Path directory;
  private final Consumer<String> console;
  private final Clock clock;

  private Optional<FSDataOutputStream> file = Optional.empty();
  private long lastStep = Long.MAX_VALUE; // so that the first epoch of a file is a restart

  /**
   * A writer; it makes the directory and the file when the run starts.
   *
   * @param directory of this run alone, as below the directory that TensorBoard is given
   * @param console takes a warning if a write fails
   */
  public TensorBoardWriter(Configuration conf, Path directory, Consumer<String> console) {
    this(conf, directory, console, Clock.systemUTC());
  }

  TensorBoardWriter(Configuration conf, Path directory, Consumer<String> console, Clock clock) {
    this.conf = conf;
    this.directory = directory;
    this.console = console;
    this.clock = clock;
  }

  @Override
  public synchronized void start(Map<String, ?> settings) {
    Instant now = clock.instant();
    try {
      FileSystem fs = directory.getFileSystem(conf);
      fs.mkdirs(directory);
      file = Optional.of(create(unbuffered(fs), now));
      write(EventEncoder.version(now));
      write(EventEncoder.text(now, 0, "settings", table(settings)));
      flush();
    } catch (IOException | IllegalArgumentException e) {
      throw new OctavoException(
          "can't write TensorBoard events to %s (%s): choose a directory that can be written"
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  @Override
  public synchronized void epoch(EpochFigures figures) {
    whileOpen(
        () -> {
          Instant now = clock.instant();
          if (figures.step() <= lastStep) {
            write(EventEncoder.restart(now, figures.step()));
          }
          write(EventEncoder.scalars(now, figures.step(), figures.finite()));
          flush();
          lastStep = figures.step();
        });
  }

  @Override
  public synchronized void end(RunStatus status) {
    whileOpen(
        () -> {
          long step = lastStep == Long.MAX_VALUE ? 0 : lastStep;
          write(EventEncoder.text(clock.instant(), step, "status", status.toString()));
          file.orElseThrow().close();
          file = Optional.empty();
        });
  }

  @Override
  public String toString() {
    return "TensorBoard in " + directory;
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void whileOpen(Writing writing) {
    if (file.isEmpty()) {
      return;
    }
    try {
      writing.run();
    } catch (IOException e) {
      IOUtils.closeStream(file.orElseThrow());
      file = Optional.empty();
      console.accept(
          "warning: can't write to %s any more (%s): TensorBoard gets no further figures of this run, training goes on"
              .formatted(directory, e.getMessage()));
    }
  }

  private void write(byte[] event) throws IOException {
    file.orElseThrow().write(TfRecords.frame(event));
  }

  private void flush() throws IOException {
    try {
      file.orElseThrow().hflush();
    } catch (UnsupportedOperationException e) {
      // An object store: it shows the file when that is closed.
    }
  }

  private FSDataOutputStream create(FileSystem fs, Instant now) throws IOException {
    String name =
        String.format(Locale.ROOT, "events.out.tfevents.%010d.%s", now.getEpochSecond(), host());
    for (int i = 0; i < MAX_FILES_PER_SECOND; i++) {
      Path path = new Path(directory, i == 0 ? name : "%s.%02d".formatted(name, i));
      try {
        return fs.create(path, false);
      } catch (FileAlreadyExistsException e) {
        // Another run began in the same second: the next name.
      }
    }
    throw new IOException("too many files called " + name);
  }

  /**
   * The local file system keeps up to 512 bytes back, flushed or not, for its checksums; the one
   * below it writes what it is given.
   */
  private static FileSystem unbuffered(FileSystem fs) {
    return fs instanceof ChecksumFileSystem checksummed ? checksummed.getRawFileSystem() : fs;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost"; // only part of a name
    }
  }

  private static String table(Map<String, ?> settings) {
    return new TreeMap<>(settings)
        .entrySet().stream()
            .map(e -> "| %s | %s |".formatted(e.getKey(), cell(e.getValue())))
            .collect(Collectors.joining("\n", "| setting | value |\n|---|---|\n", "\n"));
  }

  private static String cell(Object value) {
    return String.valueOf(value).replace("|", "\\|").replaceAll("\\R", " ");
  }
}
