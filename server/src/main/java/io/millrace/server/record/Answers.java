package io.millrace.server.record;

import io.millrace.protocol.ServerMessage;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.SharedMessage;

/** The ends of one session's open requests. May be called on any loop; hops to the session's. */
final class Answers {
  private final Subscriber subscriber;

  Answers(Subscriber subscriber) {
    this.subscriber = subscriber;
  }

  /** Ends a request with a message. */
  void end(ServerMessage message) {
    end(() -> subscriber.send(message));
  }

  /** Ends a request with a shared message, which is retained for the hop. */
  void end(SharedMessage message) {
    message.retain();
    end(
        () -> {
          try {
            subscriber.send(message);
          } finally {
            message.release();
          }
        });
  }

  /** Ends a request with whatever the step does on the session's loop. */
  void end(Runnable step) {
    subscriber
        .loop()
        .run(
            () -> {
              try {
                step.run();
              } finally {
                // Also when that failed: an open request too many stops the reading for ever.
                subscriber.requestEnded();
              }
            });
  }

  /** Ends a request that needs no answer. */
  void end() {
    end(() -> {});
  }
}
