package io.millrace.server.format;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Time for {@link SchemaCache}, in the hand of a test. Thread-safe. */
interface Pauses {
  Pauses REAL =
      new Pauses() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
          // Nodes that lost the registry together shall not come back to it together.
          Thread.sleep(
              duration.multipliedBy(ThreadLocalRandom.current().nextInt(75, 126)).dividedBy(100));
        }
      };

  /** As of {@link System#nanoTime}. */
  long nanos();

  /** Waits about that long. */
  void pause(Duration duration) throws InterruptedException;
}
