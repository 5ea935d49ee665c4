package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A response that is appended to a file. The JDK's own subscribers for files neither count nor stop
 * at a size.
 */
final class FileBody implements BodySubscriber<Void> {
  private final FileChannel file;
  private final long most;
  private final AtomicLong size;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private Subscription subscription;

  /** More bytes than the file can have. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A body.
   *
   * @param file whose position is where the bytes go
   * @param most the size after which a file is too long
   * @param size of the file, kept up to date
   */
  FileBody(FileChannel file, long most, AtomicLong size) {
    this.file = file;
    this.most = most;
    this.size = size;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    try {
      for (ByteBuffer buffer : buffers) {
        if (size.get() + buffer.remaining() > most) {
          throw new TooLong();
        }
        while (buffer.hasRemaining()) {
          size.addAndGet(file.write(buffer));
        }
      }
      subscription.request(1);
    } catch (TooLong e) {
      fail(e);
    } catch (IOException e) {
      fail(
          new OctavoException(
              "no more can be written after %,d bytes (%s): see to the folder given by --to, and run the same command again, which goes on there"
                  .formatted(size.get(), e.getMessage()),
              e));
    }
  }

  private void fail(Exception failure) {
    subscription.cancel();
    done.completeExceptionally(failure);
  }

  @Override
  public void onError(Throwable failure) {
    done.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    done.complete(null);
  }
}
