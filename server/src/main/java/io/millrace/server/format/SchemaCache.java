package io.millrace.server.format;

import io.millrace.server.format.SchemaFetch.Answer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Schemas by id, each asked for once: an id means the same schema forever. While the registry
 * cannot be asked, it is tried again with growing pauses for as long as it takes. An id that it
 * does not know is asked for again until the patience is used up; then it is refused, and a message
 * that comes with it later makes us ask once more, every {@link #RECHECK}.
 *
 * <pre>
 *   nothing --find--> pending --found--> known
 *                      |   ^ failed, or unknown within the patience (until ends, a new one begins)
 *                      +-- unknown, or cannot be read --> refused --RECHECK--> pending (one try)
 * </pre>
 *
 * Thread-safe; each pending id has a virtual thread that may block.
 */
final class SchemaCache implements SchemaSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaCache.class);

  static final Duration RECHECK = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** For schemas that lag, not for a registry in trouble. */
  private static final Duration LONGEST_PAUSE_FOR_UNKNOWN = Duration.ofSeconds(2);

  private static final int MAX_IDS = 10_000;

  /** Of schema text; parsed, they take several times that. */
  private static final long MAX_CHARACTERS = 32L << 20;

  /** Ids that are asked for. Good messages have a few; more come of garbage that looks like ids. */
  private static final int MAX_PENDING = 1_000;

  private static final int MAX_REQUESTS = 4;

  /**
   * @param recheckAtNanos from when on another try is due; unused if {@code lookup} is known
   */
  private record Settled(Lookup lookup, long size, long recheckAtNanos) {}

  private final SchemaFetch fetch;
  private final Duration patience;
  private final Pauses pauses;
  private final RegistryState state;
  private final Semaphore requests = new Semaphore(MAX_REQUESTS);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("schema-", 0).factory());

  // Guarded by this.
  private final LinkedHashMap<Integer, Settled> settled = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<Integer, Lookup.Pending> pending = new HashMap<>();
  private long characters;
  private boolean closed;

  SchemaCache(SchemaFetch fetch, Duration patience, Pauses pauses, RegistryState state) {
    this.fetch = fetch;
    this.patience = patience;
    this.pauses = pauses;
    this.state = state;
  }

  @Override
  public synchronized Lookup find(int id) {
    Settled known = settled.get(id);
    if (known != null && isGood(known)) {
      return known.lookup;
    }
    Lookup.Pending waiting = pending.get(id);
    if (waiting != null) {
      return waiting;
    }
    if (closed) {
      return new Lookup.Pending("this server stops", new CompletableFuture<>());
    }
    if (pending.size() >= MAX_PENDING) {
      // Any of them: when it is settled there is room.
      Lookup.Pending other = pending.values().iterator().next();
      return new Lookup.Pending("too many schemas are asked for", other.until());
    }
    Lookup.Pending first =
        new Lookup.Pending("schema %d is asked for".formatted(id), new CompletableFuture<>());
    pending.put(id, first);
    boolean again = known != null;
    threads.execute(() -> ask(id, again ? Duration.ZERO : patience));
    return first;
  }

  private boolean isGood(Settled known) {
    return known.lookup instanceof Lookup.Known || pauses.nanos() - known.recheckAtNanos < 0;
  }

  /** Asks until there is an answer. The time that the registry is away does not use patience up. */
  private void ask(int id, Duration patience) {
    Duration waited = Duration.ZERO;
    Duration pause = FIRST_PAUSE;
    try {
      while (true) {
        long begun = pauses.nanos();
        switch (tryOnce(id)) {
          case Answer.Found(RegisteredSchema schema) -> {
            settle(id, parsed(id, schema), schema.size());
            return;
          }
          case Answer.Unknown() -> {
            if (waited.compareTo(patience) >= 0) {
              settle(id, none("the schema registry knows no schema " + id), 0);
              return;
            }
            pause = shorter(pause, LONGEST_PAUSE_FOR_UNKNOWN);
            tryAgain(id, "the schema registry does not know schema " + id + " yet");
            pauses.pause(pause);
            waited = waited.plusNanos(pauses.nanos() - begun);
          }
          case Answer.Unusable(String reason) -> {
            settle(id, none("schema %d %s".formatted(id, reason)), 0);
            return;
          }
          case Answer.Failed(String reason) -> {
            tryAgain(id, "the schema registry cannot be asked: " + reason);
            pauses.pause(pause);
          }
        }
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    } catch (InterruptedException e) {
      // We are being closed.
      Thread.currentThread().interrupt();
    }
  }

  private Answer tryOnce(int id) throws InterruptedException {
    requests.acquire();
    Answer answer;
    try {
      answer = fetch.fetch(id);
    } catch (RuntimeException e) {
      LOG.error("asking for a schema failed", e);
      answer = new Answer.Failed(e.getClass().getSimpleName());
    } finally {
      requests.release();
    }
    if (answer instanceof Answer.Failed(String reason)) {
      state.failed(reason);
    } else {
      state.answered();
    }
    return answer;
  }

  private static Lookup parsed(int id, RegisteredSchema schema) {
    try {
      return new Lookup.Known(ParsedSchema.of(schema));
    } catch (Malformed e) {
      return none("schema %d %s".formatted(id, e.reason()));
    } catch (RuntimeException | StackOverflowError e) {
      return none("schema %d cannot be read: %s".formatted(id, e.getClass().getSimpleName()));
    }
  }

  private static Lookup none(String reason) {
    return new Lookup.None(reason);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Whoever waits looks again, and finds the reason why the try failed. */
  private void tryAgain(int id, String reason) {
    end(replace(id, new Lookup.Pending(reason, new CompletableFuture<>())));
  }

  private synchronized Lookup.Pending replace(int id, Lookup.Pending next) {
    Lookup.Pending before = pending.put(id, next);
    return before == null ? next : before;
  }

  private void settle(int id, Lookup lookup, long size) {
    Lookup.Pending waiting;
    synchronized (this) {
      waiting = pending.remove(id);
      Settled before =
          settled.put(id, new Settled(lookup, size, pauses.nanos() + RECHECK.toNanos()));
      if (lookup instanceof Lookup.None(String reason) && before == null) {
        LOG.warn("{}: messages with it are refused", reason);
      }
      characters += size - (before == null ? 0 : before.size);
      Iterator<Settled> eldest = settled.values().iterator();
      while (settled.size() > MAX_IDS || (characters > MAX_CHARACTERS && settled.size() > 1)) {
        characters -= eldest.next().size;
        eldest.remove();
      }
    }
    if (waiting != null) {
      end(waiting);
    }
  }

  private static void end(Lookup.Pending pending) {
    pending.until().toCompletableFuture().complete(null);
  }

  /** Ends what is under way; those who wait are not told, as this server stops. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    threads.shutdownNow();
    fetch.close();
  }
}
