package dev.octavo.fetch;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** A response of which not a byte is read, since its headers say that it isn't what was wanted. */
final class RefusedBody implements BodySubscriber<Void> {
  private final CompletableFuture<Void> done;

  RefusedBody(Exception why) {
    done = CompletableFuture.failedFuture(why);
  }

  @Override
  public CompletionStage<Void> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    subscription.cancel();
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {}

  @Override
  public void onError(Throwable failure) {}

  @Override
  public void onComplete() {}
}
