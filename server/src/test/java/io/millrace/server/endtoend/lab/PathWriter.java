package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.lab.History.Attempt;
import io.millrace.server.endtoend.lab.History.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes to paths of records through one node, and notes what became of it. Most writes go to a
 * path of their own, some to one that this writer has written before, some want to make a certain
 * version.
 */
final class PathWriter extends Client {

  /** Longer than any part of the server waits for another one. */
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(45);

  private static final int OWN_PATHS = 5;

  /** How it writes; of 100 writes so many go to a path again, and so many want a version. */
  record Habit(int window, long pauseNs, int again, int versioned) {
    static final Habit FAST_AND_FRESH = new Habit(16, 0, 0, 0);
  }

  private record Open(Attempt attempt, int sitting, long since) {}

  private final Supplier<List<String>> records;
  private final Random random;
  private final Habit habit;
  private final Semaphore window;
  private final Map<String, Open> open = new HashMap<>();
  private final Map<String, Integer> guesses = new HashMap<>();
  private final AtomicInteger acked = new AtomicInteger();
  private final Map<RecordAction, Integer> failures = new HashMap<>();
  private int number;
  private volatile boolean done;
  private final Thread thread;

  /**
   * @param records those to be written now; may change
   */
  PathWriter(
      String name,
      TestCluster cluster,
      int node,
      Supplier<List<String>> records,
      History history,
      Habit habit,
      long seed) {
    super(name, cluster, node, history);
    this.records = records;
    this.habit = habit;
    this.random = new Random(seed);
    this.window = new Semaphore(habit.window());
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::write);
  }

  @Override
  void connected() {}

  /** Connects, and writes whenever it is connected. */
  void beginToWrite() {
    begin();
    thread.start();
  }

  private void write() {
    try {
      while (!done && !isClosed()) {
        if (!window.tryAcquire(1, TimeUnit.SECONDS)) {
          giveUpTheOld();
          continue;
        }
        if (!isConnected()) {
          window.release();
          LockSupport.parkNanos(20_000_000);
          continue;
        }
        RecordRequest.Patch patch = next();
        if (!send(patch)) {
          // Perhaps some of it went out.
          resolve(patch.ack().correlationId(), Result.UNKNOWN);
        }
        if (habit.pauseNs() > 0) {
          LockSupport.parkNanos(habit.pauseNs());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized RecordRequest.Patch next() {
    List<String> choice = records.get();
    String record = choice.get(random.nextInt(choice.size()));
    String value = name() + "-" + number++;
    int kind = random.nextInt(100);
    String path =
        kind < habit.again() ? "own-" + name() + "-" + random.nextInt(OWN_PATHS) : "p" + value;
    Attempt attempt;
    int version = -1;
    if (kind >= 100 - habit.versioned()) {
      version = guesses.merge(record, 1, Integer::sum);
      attempt = history().begin(record, path, value, version);
    } else {
      attempt = history().begin(record, path, value);
    }
    open.put(value, new Open(attempt, sitting(), System.nanoTime()));
    return new RecordRequest.Patch(
        RecordAction.CREATEANDPATCH,
        new RecordName(record),
        version,
        path,
        new JsonText('"' + value + '"'),
        new WriteAckRequest(true, value));
  }

  @Override
  void received(ServerMessage message) {
    switch (message) {
      case RecordPush.WriteAcknowledgement it -> {
        if (resolve(it.correlationId(), Result.ACKED)) {
          acked.incrementAndGet();
        }
      }
      case RecordPush.VersionExists it -> {
        synchronized (this) {
          guesses.put(it.name().value(), it.version());
        }
        boolean unused = resolve(it.ack().correlationId(), Result.REFUSED);
      }
      case RecordPush.Failure it -> {
        synchronized (this) {
          failures.merge(it.action(), 1, Integer::sum);
        }
        // Others say that something went wrong, not that nothing was done.
        boolean refused = it.action() == RecordAction.INVALID_VERSION;
        boolean unused =
            resolve(it.ack().correlationId(), refused ? Result.REFUSED : Result.UNKNOWN);
      }
      default -> history().fault(name() + " was sent " + message, "?");
    }
  }

  private synchronized boolean resolve(@Nullable String value, Result result) {
    Open ended = value == null ? null : open.remove(value);
    if (ended == null) {
      return false;
    }
    history().end(ended.attempt(), result);
    window.release();
    return true;
  }

  /** What had no answer when the connection broke never will. */
  @Override
  void disconnected() {
    List<String> lost;
    synchronized (this) {
      lost = new ArrayList<>(open.keySet());
    }
    lost.forEach(value -> resolve(value, Result.UNKNOWN));
  }

  private void giveUpTheOld() {
    long now = System.nanoTime();
    Optional<Open> old;
    synchronized (this) {
      old = open.values().stream().filter(each -> now - each.since() > PATIENCE_NS).findFirst();
    }
    old.ifPresent(
        each -> {
          String what = "had no answer at node " + node() + " for 45 s: " + each.attempt();
          history().fault(name() + " " + what, each.attempt().record);
          hangUp();
        });
  }

  /** Writes acknowledged so far. */
  int acked() {
    return acked.get();
  }

  /** How often writes failed, by kind. */
  synchronized Map<RecordAction, Integer> failures() {
    return Map.copyOf(failures);
  }

  /** Writes nothing more. */
  void finish() {
    done = true;
  }

  /** Whether all is answered, or given up, after {@link #finish()}. */
  boolean isFinished() {
    giveUpTheOld();
    synchronized (this) {
      return !thread.isAlive() && open.isEmpty();
    }
  }
}
