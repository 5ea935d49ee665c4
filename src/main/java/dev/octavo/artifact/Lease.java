package dev.octavo.artifact;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.OctavoException;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.net.NetUtils;

/**
 * The right to write what is at a path, held by one driver at a time: a file beside it ({@code
 * .NAME.lease}) that names its owner and is rewritten every few seconds.
 *
 * <p>An owner on this machine is asked for by its process; one elsewhere counts as gone when its
 * file has not been written for a minute by the clock of the file system. Two drivers that take
 * over from the same dead owner at once are told apart by {@link #verify()}, to be called before
 * anything is made visible.
 */
public final class Lease implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration EXPIRY = Duration.ofSeconds(60);

  /**
   * A driver.
   *
   * @param token tells two leases of one process apart
   * @param machine host name and name space of process ids
   * @param host for people
   * @param process its id on that machine
   * @param started when the process began, in milliseconds since 1970; ids are used again
   * @param user who runs it
   * @param since when the lease was taken
   */
  @RecordBuilder
  record Owner(
      String token,
      String machine,
      String host,
      long process,
      long started,
      String user,
      String since) {
    static Owner current() {
      ProcessHandle self = ProcessHandle.current();
      return LeaseOwnerBuilder.builder()
          .token(UUID.randomUUID().toString())
          .machine(currentMachine())
          .host(NetUtils.getHostname())
          .process(self.pid())
          .started(started(self))
          .user(System.getProperty("user.name"))
          .since(Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString())
          .build();
    }

    private static String currentMachine() {
      String host = NetUtils.getHostname();
      try {
        // Containers may share a host name, but not the ids of processes.
        return host
            + " "
            + Files.readSymbolicLink(java.nio.file.Path.of("/proc/self/ns/pid")).toString();
      } catch (IOException | UnsupportedOperationException e) {
        return host;
      }
    }

    private static long started(ProcessHandle process) {
      return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    boolean isOnThisMachine() {
      return machine.equals(currentMachine());
    }

    boolean isAlive() {
      return ProcessHandle.of(process)
          .filter(handle -> handle.isAlive() && started(handle) == started)
          .isPresent();
    }

    String words() {
      return "process %d of %s on %s, since %s".formatted(process, user, host, since);
    }
  }

  private final FileSystem fs;
  private final Path place;
  private final Path file;
  private final Owner owner;
  private final ScheduledExecutorService heartbeat;

  private Lease(FileSystem fs, Path place, Path file, Owner owner) {
    this.fs = fs;
    this.place = place;
    this.file = file;
    this.owner = owner;
    this.heartbeat =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease of " + place);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the lease of a path.
   *
   * @param place what is to be written; it need not exist, its parent is made
   * @param option of the command line that named it, for the error
   * @throws OctavoException if a living driver holds it
   */
  public static Lease take(Configuration conf, Path place, String option) throws IOException {
    FileSystem fs = place.getFileSystem(conf);
    Path qualified = Paths.qualified(fs, place);
    Path parent = qualified.getParent();
    if (parent == null) {
      throw new OctavoException(
          "%s is the root of a file system: choose a directory below it".formatted(qualified));
    }
    fs.mkdirs(parent);
    Path file = Paths.sibling(qualified, "." + qualified.getName() + ".lease");
    Lease lease = new Lease(fs, qualified, file, Owner.current());
    while (!lease.create()) {
      lease.removeOfDead(option);
    }
    // For a JVM that is told to end in the middle of the work.
    fs.deleteOnExit(file);
    var unused =
        lease.heartbeat.scheduleWithFixedDelay(
            lease::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
    return lease;
  }

  private boolean create() throws IOException {
    try (OutputStream out = fs.create(file, false)) {
      out.write(JSON.writeValueAsBytes(owner));
      return true;
    } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      if (fs.exists(file)) {
        return false;
      }
      throw e;
    }
  }

  private void removeOfDead(String option) throws IOException {
    Owner other;
    long written;
    try {
      other = read();
      written = fs.getFileStatus(file).getModificationTime();
    } catch (FileNotFoundException e) {
      return;
    }
    boolean gone =
        (other != null && other.isOnThisMachine())
            ? !other.isAlive()
            : now() - written > EXPIRY.toMillis();
    if (!gone) {
      throw new OctavoException(
          "%s is being written by %s: wait for its end, or choose another %s"
              .formatted(place, other == null ? "another process" : other.words(), option));
    }
    fs.delete(file, false);
  }

  /** The owner that the file names; null while it is being written. */
  private Owner read() throws IOException {
    try (InputStream in = fs.open(file)) {
      return JSON.readValue(in.readAllBytes(), Owner.class);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** The time by the file system's clock. */
  private long now() throws IOException {
    Path probe = Paths.sibling(file, file.getName() + "-" + UUID.randomUUID());
    try {
      fs.create(probe, true).close();
      return fs.getFileStatus(probe).getModificationTime();
    } finally {
      fs.delete(probe, false);
    }
  }

  /** Rewrites the file. Not while this JVM reads it, which would take it for another's. */
  synchronized void beat() {
    try {
      Owner holder = read();
      if (holder == null || !holder.token().equals(owner.token())) {
        heartbeat.shutdown();
        fs.cancelDeleteOnExit(file);
        return;
      }
      try (OutputStream out = fs.create(file, true)) {
        out.write(JSON.writeValueAsBytes(owner));
      }
    } catch (IOException | UncheckedIOException e) {
      // The next beat tries again; verify() tells when the file is another's.
    }
  }

  /**
   * Checks that this is still the owner.
   *
   * @throws OctavoException if another driver has taken over, which it may when this one could not
   *     write for a minute
   */
  public synchronized void verify() throws IOException {
    Owner holder;
    try {
      holder = read();
    } catch (FileNotFoundException e) {
      holder = null;
    }
    if (holder == null || !holder.token().equals(owner.token())) {
      throw new OctavoException(
          "%s was taken over by %s: nothing was changed there"
              .formatted(place, holder == null ? "another process" : holder.words()));
    }
  }

  /** Gives the lease back. */
  @Override
  public synchronized void close() throws IOException {
    heartbeat.shutdownNow();
    try {
      Owner holder = read();
      if (holder != null && holder.token().equals(owner.token())) {
        fs.delete(file, false);
      }
    } catch (FileNotFoundException e) {
      // Taken over, and given back by that owner.
    }
    fs.cancelDeleteOnExit(file);
  }
}
