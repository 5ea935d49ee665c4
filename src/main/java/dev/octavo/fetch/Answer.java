package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's statement about a file, before its bytes.
 *
 * @param start the first byte that follows
 * @param total the size of the whole file, where the server says it
 * @param validator that the same bytes have at another time: a strong entity tag or a date; empty
 *     if there is none
 */
record Answer(long start, OptionalLong total, String validator) {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (?<start>\\d{1,18})-\\d{1,18}/(?<total>\\d{1,18}|\\*)");

  /** Statuses that another try may change: of a busy server. */
  static final class TryAgain extends IOException {
    private static final long serialVersionUID = 1L;

    TryAgain(String message) {
      super(message);
    }
  }

  /** The bytes asked for are behind the end of the file. */
  static final class NothingLeft extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Reads status and headers.
   *
   * @param have the bytes that are here, and that the request left out
   * @throws TryAgain if the server is busy or answers with other bytes than asked for
   * @throws OctavoException if it doesn't have the file, or another one
   */
  static Answer of(ResponseInfo response, RemoteFile file, long have) throws IOException {
    Answer answer =
        switch (response.statusCode()) {
          case 200 ->
              new Answer(
                  0,
                  response.headers().firstValueAsLong("Content-Length"),
                  validator(response.headers()));
          case 206 -> part(response.headers(), have);
          case 416 -> throw new NothingLeft();
          case 408, 429, 500, 502, 503, 504 ->
              throw new TryAgain("the server answered " + response.statusCode());
          default ->
              throw new OctavoException(
                  "%s answered %d where %s was expected: give another place that has it with --url"
                      .formatted(file.address(), response.statusCode(), file.name()));
        };
    if (file.bytes().isPresent() && answer.total().isPresent()) {
      long total = answer.total().getAsLong();
      if (total != file.bytes().getAsLong()) {
        throw new OctavoException(
            "%s has %,d bytes, but %s has %,d: it is another file; give a place that has the published one with --url"
                .formatted(file.address(), total, file.name(), file.bytes().getAsLong()));
      }
    }
    return answer;
  }

  private static Answer part(HttpHeaders headers, long have) throws IOException {
    Matcher range = CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group("start")) != have) {
      throw new TryAgain("the server sent other bytes than asked for");
    }
    String total = range.group("total");
    return new Answer(
        have,
        total.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total)),
        validator(headers));
  }

  private static String validator(HttpHeaders headers) {
    String tag = headers.firstValue("ETag").orElse("");
    return tag.isEmpty() || tag.startsWith("W/")
        ? headers.firstValue("Last-Modified").orElse("")
        : tag;
  }
}
