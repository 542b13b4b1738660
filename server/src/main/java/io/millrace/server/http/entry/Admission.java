package io.millrace.server.http.entry;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much may be under way at once on this node (P6): requests, and what they make it keep. Who
 * comes on top of that is told to come again. Thread-safe.
 */
final class Admission {
  private final int maxRequests;
  private final long maxBytes;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Admission(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /** A place for a request that makes us keep so many bytes, or empty if there is none now. */
  Optional<Place> enter(long size) {
    int others = requests.getAndIncrement();
    long before = bytes.getAndAdd(size);
    // One alone may always come, however large it is said to be.
    if (others >= maxRequests || (others > 0 && before + size > maxBytes)) {
      leave(size);
      return Optional.empty();
    }
    return Optional.of(new Place(size));
  }

  /** How many requests are under way. */
  int requests() {
    return requests.get();
  }

  private void leave(long size) {
    requests.decrementAndGet();
    bytes.addAndGet(-size);
  }

  /** A request that is under way. */
  final class Place implements AutoCloseable {
    private final long size;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Place(long size) {
      this.size = size;
    }

    /** The request is over. May be called again. */
    @Override
    public void close() {
      if (open.compareAndSet(true, false)) {
        leave(size);
      }
    }
  }
}
