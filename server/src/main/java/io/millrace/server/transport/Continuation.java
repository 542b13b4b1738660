package io.millrace.server.transport;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens next, where a future is not passed on any further. */
public final class Continuation {
  private static final Logger LOG = LoggerFactory.getLogger(Continuation.class);

  private Continuation() {}

  /**
   * Calls back with the value or the failure, on the thread that completes the stage. A bug in the
   * callback is logged, where {@code whenComplete} alone would swallow it.
   */
  public static <T> void of(
      CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> callback) {
    var unused =
        stage.whenComplete(
            (value, failure) -> {
              try {
                callback.accept(value, failure);
              } catch (RuntimeException | Error e) {
                LOG.error("a continuation failed because of a bug", e);
                throw e;
              }
            });
  }
}
