package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Downloads over HTTP that go on where they stopped (RFC 9110, section 14), within one run and from
 * one run to the next. A file appears under its name when it is whole and is the one that was
 * meant.
 */
final class Download {
  /** Most bytes of a file of unknown size: more than any dataset of rooms has. */
  static final long MOST_BYTES = 32L << 30;

  private static final Duration POLL = Duration.ofMillis(200);

  private final HttpClient client;
  private final Patience patience;
  private final Consumer<String> console;

  /**
   * Downloads.
   *
   * @param console takes a line about progress now and then
   */
  Download(Patience patience, Consumer<String> console) {
    this.patience = patience;
    this.console = console;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // old servers choke on an offer of HTTP/2
            .followRedirects(HttpClient.Redirect.NORMAL) // never from https to http
            .connectTimeout(patience.silence())
            .build();
  }

  /**
   * Brings a file into a folder, unless it is there.
   *
   * @throws OctavoException if there is another file under that name, or the server has another
   *     one, or none, or can't be reached
   */
  Path bring(RemoteFile file, Path folder) throws IOException {
    Path target = folder.resolve(file.name());
    if (Files.exists(target)) {
      requireSame(file, target);
      console.accept("%s is there already".formatted(target));
      return target;
    }
    try (PartialFile part = PartialFile.open(target)) {
      requireSpace(folder, file.bytes().orElse(0) - part.size(), file.name());
      fill(part, file);
      verify(part, file);
      part.complete();
    }
    console.accept("%s: %,d bytes%s".formatted(target, Files.size(target), proof(file)));
    return target;
  }

  private static String proof(RemoteFile file) {
    return file.checksum().map(sum -> ", its %s is right".formatted(sum.algorithm())).orElse("");
  }

  private static void requireSame(RemoteFile file, Path target) throws IOException {
    long size = Files.size(target);
    boolean same = file.bytes().isEmpty() || file.bytes().getAsLong() == size;
    if (same && file.checksum().isPresent()) {
      same = file.checksum().get().equals(file.checksum().get().of(target));
    }
    if (!same) {
      throw new OctavoException(
          "%s is there (%,d bytes) and is not the published file: move it away and run the same command again"
              .formatted(target, size));
    }
  }

  /**
   * Requires free space.
   *
   * @param what needs it
   * @throws OctavoException if there isn't as much
   */
  static void requireSpace(Path folder, long bytes, String what) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < bytes) {
      throw new OctavoException(
          "there are %,d MB free in %s, but %s needs %,d MB: free some, or name another folder with --to"
              .formatted(free / 1_000_000, folder, what, bytes / 1_000_000));
    }
  }

  /** Tries until the file is whole. */
  private void fill(PartialFile part, RemoteFile file) throws IOException {
    Progress progress = new Progress(file.name(), file.bytes(), patience.report(), console);
    int failures = 0; // in a row, without a byte
    while (!isWhole(part, file)) {
      long before = part.size();
      try {
        request(part, file, progress);
        return;
      } catch (Answer.NothingLeft | FileBody.TooLong e) {
        if (before == 0) {
          throw tooLong(file, e);
        }
        part.continueAt(0, file.address(), ""); // what is here belongs to another file
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        failures = part.size() > before ? 1 : failures + 1;
        if (failures >= patience.tries()) {
          throw unreachable(file, part, e);
        }
        Duration wait = patience.firstWait().multipliedBy(1L << (failures - 1));
        console.accept(
            "%s: %s, trying again in %d s".formatted(file.name(), reason(e), wait.toSeconds()));
        pause(wait);
      }
    }
  }

  /** Returns whether all bytes are here, as after a run that ended before it had verified them. */
  private static boolean isWhole(PartialFile part, RemoteFile file) throws IOException {
    return file.bytes().isPresent() && part.size() == file.bytes().getAsLong();
  }

  private static OctavoException tooLong(RemoteFile file, IOException cause) {
    return new OctavoException(
        "%s sends more than the %,d bytes that %s may have: it is another file; give a place that has the published one with --url"
            .formatted(file.address(), file.bytes().orElse(MOST_BYTES), file.name()),
        cause);
  }

  private static OctavoException unreachable(RemoteFile file, PartialFile part, IOException cause)
      throws IOException {
    return new OctavoException(
        "%s can't be fetched (%s): check the network, and where there is a proxy pass --driver-java-options '-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT'; the same command goes on after the %,d bytes that are here"
            .formatted(file.address(), reason(cause), part.size()),
        cause);
  }

  private static String reason(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t.getMessage() != null && !t.getMessage().isBlank()) {
        return t.getMessage();
      }
    }
    return failure.getClass().getSimpleName();
  }

  /** One request, whose bytes are appended to those that are here. */
  private void request(PartialFile part, RemoteFile file, Progress progress) throws IOException {
    String address = file.address();
    String validator = part.validator(address);
    long have = validator.isEmpty() ? 0 : part.size();
    HttpRequest.Builder request = HttpRequest.newBuilder(file.uri()).header("User-Agent", "octavo");
    if (have > 0) {
      request.header("Range", "bytes=%d-".formatted(have)).header("If-Range", validator);
    }
    AtomicLong size = new AtomicLong(have);
    HttpResponse.BodyHandler<Void> handler =
        response -> {
          try {
            Answer answer = Answer.of(response, file, have);
            part.continueAt(answer.start(), address, answer.validator());
            size.set(answer.start());
            return new FileBody(part.channel(), file.bytes().orElse(MOST_BYTES), size);
          } catch (IOException | OctavoException e) {
            return new RefusedBody(e);
          }
        };
    await(client.sendAsync(request.build(), handler), size, progress);
    if (file.bytes().isPresent() && !isWhole(part, file)) {
      throw new Answer.TryAgain("the connection ended early");
    }
  }

  private void await(CompletableFuture<?> response, AtomicLong size, Progress progress)
      throws IOException {
    long last = -1;
    long since = System.nanoTime();
    while (true) {
      try {
        response.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        long now = System.nanoTime();
        progress.at(size.get());
        if (size.get() != last) {
          last = size.get();
          since = now;
        } else if (now - since > patience.silence().toNanos()) {
          response.cancel(true);
          throw new Answer.TryAgain(
              "not a byte came for %d s".formatted(patience.silence().toSeconds()));
        }
      } catch (InterruptedException e) {
        response.cancel(true);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while downloading");
      } catch (ExecutionException e) {
        throw cause(e);
      }
    }
  }

  /** The exception that the handler or the body threw, or else that of the client. */
  private static IOException cause(ExecutionException failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof OctavoException known) {
        throw known;
      }
      if (t instanceof Answer.TryAgain
          || t instanceof Answer.NothingLeft
          || t instanceof FileBody.TooLong) {
        return (IOException) t;
      }
    }
    return failure.getCause() instanceof IOException e ? e : new IOException(failure.getCause());
  }

  private static void pause(Duration wait) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(wait.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while downloading");
    }
  }

  private static void verify(PartialFile part, RemoteFile file) throws IOException {
    Optional<Checksum> expected = file.checksum();
    if (expected.isEmpty()) {
      return;
    }
    Checksum actual = expected.get().of(part.path());
    if (!actual.equals(expected.get())) {
      part.discard();
      throw new OctavoException(
          "what came from %s has the %s, but %s has %s: it was damaged on the way, or is another file; run the same command again, or give a place that has the published one with --url"
              .formatted(file.address(), actual, file.name(), expected.get().hex()));
    }
  }
}
