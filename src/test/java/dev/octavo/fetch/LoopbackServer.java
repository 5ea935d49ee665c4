package dev.octavo.fetch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP server on loopback that may misbehave in ways that a proper one prevents: it writes
 * whatever it was told to, one request a connection.
 */
final class LoopbackServer implements AutoCloseable {
  /** The bytes that a client gets before the connection is closed. */
  interface Reply {
    void write(Request request, OutputStream out) throws IOException;
  }

  /** A request with its headers by lower-case name. */
  record Request(String path, Map<String, String> headers) {
    /** The first byte that is wanted. */
    int start() {
      return headers.containsKey("range")
          ? Integer.parseInt(headers.get("range").replaceAll("bytes=(\\d+)-", "$1"))
          : 0;
    }
  }

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  LoopbackServer() throws IOException {
    threads.execute(this::accept);
  }

  /** Sets what the path is answered with. */
  LoopbackServer at(String path, Reply reply) {
    replies.put(path, reply);
    return this;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(socket.getLocalPort(), path));
  }

  /** In the order in which they came. */
  List<Request> requests() {
    return requests;
  }

  /** A file as a proper server gives it, from the byte on that is wanted. */
  static Reply file(byte[] bytes, String tag) {
    return (request, out) -> {
      boolean same = tag.equals(request.headers().get("if-range"));
      part(bytes, same ? request.start() : 0, bytes.length, tag, out);
    };
  }

  /** A file whose connection breaks after so many bytes. */
  static Reply broken(byte[] bytes, String tag, int after) {
    return (request, out) ->
        part(bytes, request.start(), Math.min(bytes.length, request.start() + after), tag, out);
  }

  private static void part(byte[] bytes, int start, int end, String tag, OutputStream out)
      throws IOException {
    if (start > 0) {
      head(
          out,
          "206 Partial Content",
          "ETag: " + tag,
          "Content-Range: bytes %d-%d/%d".formatted(start, bytes.length - 1, bytes.length),
          "Content-Length: " + (bytes.length - start));
    } else {
      head(out, "200 OK", "ETag: " + tag, "Content-Length: " + bytes.length);
    }
    out.write(bytes, start, end - start);
  }

  /** Writes the status and the headers. */
  static void head(OutputStream out, String status, String... headers) throws IOException {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    out.write(
        "HTTP/1.1 %s\r\nConnection: close\r\n%s\r\n"
            .formatted(status, lines)
            .getBytes(StandardCharsets.ISO_8859_1));
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        threads.execute(() -> answer(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void answer(Socket client) {
    try (client) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      String path = in.readLine().split(" ", 3)[1];
      Map<String, String> headers = new TreeMap<>();
      for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
        String[] pair = line.split(": ", 2);
        headers.put(pair[0].toLowerCase(Locale.ROOT), pair[1]);
      }
      Request request = new Request(path, headers);
      requests.add(request);
      Reply reply =
          replies.getOrDefault(
              path.replaceFirst("\\?.*", ""),
              (any, out) -> head(out, "404 Not Found", "Content-Length: 0"));
      reply.write(request, client.getOutputStream());
      client.getOutputStream().flush();
      client.shutdownOutput();
    } catch (IOException e) {
      // The client went away, as it should when it is sent nonsense.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
