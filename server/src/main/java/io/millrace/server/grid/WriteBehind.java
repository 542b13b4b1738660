package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what this node's records have become, in groups (P4).
 *
 * <p>Partition threads say which record has changed and who waits for that; this class's own thread
 * collects, captures the newest state of each, and saves them in one transaction. A record that
 * changed a hundred times meanwhile is written once. A wait ends when a state that includes its
 * change has been committed.
 *
 * <p><b>Pace.</b> A group with somebody waiting urgently is written at once, together with all that
 * came while the group before it was being committed. What nobody waits for is written less often
 * the more it costs: the writer spends at most about a fifth of its time on it, and a big record,
 * which is written whole for the sake of one seat, waits longer than a small one. So the cost of
 * storage does not grow with records' sizes, and what a crash may take is bounded: {@link
 * #MAX_DELAY_NS} of changes that nobody was promised.
 *
 * <p>If storage fails, states stay here and are tried again; memory does not grow with time, since
 * only names and waits are kept.
 */
final class WriteBehind implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

  private static final long MIN_DELAY_NS = 5_000_000;
  private static final long MAX_DELAY_NS = 1_000_000_000;

  /** How long a state waits for each character that it measures. */
  private static final long DELAY_PER_CHARACTER_NS = 1_000;

  private static final int DUTY_CYCLE = 4;
  private static final int MAX_GROUP = 2_000;
  private static final long RETRY_NS = 500_000_000;

  /** How long a wait is kept when storage fails; whoever waited has given up before. */
  private static final long MAX_WAIT_NS = 30_000_000_000L;

  /** So many states in a row that cannot be saved one by one, and it is storage that fails. */
  private static final int OUTAGE = 3;

  /**
   * @param changed false if somebody only wants to know when what there is has been stored
   */
  private record Signal(String name, long sequence, @Nullable AckTicket ticket, boolean changed) {}

  private record Wait(long sequence, AckTicket ticket, long sinceNs) {}

  private record Captured(StoredRecord state, long sequence) {}

  /** What is not stored yet of one record. Only the writer's thread touches it. */
  private static final class Unstored {
    final List<Wait> waits = new ArrayList<>(1);
    long sequence;
    long dueNs;
    boolean urgent;
  }

  /** How much the record measured when it was last stored, for its pace. */
  private final Map<String, Integer> lastSizes = new SizeMemory();

  private final IMap<String, RecordCell> map;
  private final RecordStorage storage;
  private final NodeDelivery delivery;
  private final StorageObserver observer;
  private final Thread thread;
  private final Queue<Signal> signals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean parked = new AtomicBoolean();

  /** In the order in which they are to be stored, so that none waits for ever behind others. */
  private final Map<String, Unstored> unstored = new LinkedHashMap<>();

  /** Whether the writer sleeps with nothing to do, so that any change has to wake it. */
  private volatile boolean idle;

  private final Graveyard graveyard;
  private volatile boolean closing;
  private long idleUntilNs = System.nanoTime();
  private boolean failing;

  WriteBehind(
      IMap<String, RecordCell> map,
      RecordStorage storage,
      NodeDelivery delivery,
      StorageObserver observer) {
    this.map = map;
    this.storage = storage;
    this.delivery = delivery;
    this.observer = observer;
    this.graveyard = new Graveyard(map);
    this.thread = Thread.ofPlatform().name("storage-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** A record has changed; called on its partition thread. */
  void changed(String name, long sequence, @Nullable AckTicket ticket) {
    add(new Signal(name, sequence, ticket, true));
  }

  /**
   * Ends the wait when the record is stored as it is; at once, and without writing, if it is.
   * Called on its partition thread.
   */
  void whenStored(String name, long sequence, AckTicket ticket) {
    add(new Signal(name, sequence, ticket, false));
  }

  private void add(Signal signal) {
    signals.add(signal);
    AckTicket ticket = signal.ticket();
    // What is not urgent is collected when the next group is due.
    boolean urgent = ticket != null && ticket.urgent();
    if ((urgent || idle) && parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Stores all that is left, then stops. The records must not change any more. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (true) {
      try {
        collect();
        if (unstored.isEmpty() && closing) {
          return;
        }
        long waitNs = untilNextGroup();
        if (waitNs > 0) {
          park(waitNs);
          continue;
        }
        storeGroup();
        graveyard.bury();
      } catch (RuntimeException e) {
        // A bug, but one that must not end the storing of everything else.
        LOG.error("the storage writer goes on after a bug", e);
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  private void collect() {
    for (Signal signal = signals.poll(); signal != null; signal = signals.poll()) {
      Unstored record = unstored.get(signal.name());
      AckTicket ticket = signal.ticket();
      if (record == null && !signal.changed()) {
        if (ticket != null) {
          delivery.stored(ticket.node(), ticket.id());
        }
        continue;
      }
      if (record == null) {
        record = new Unstored();
        record.dueNs = System.nanoTime() + delay(signal.name());
        unstored.put(signal.name(), record);
      }
      record.sequence = Math.max(record.sequence, signal.sequence());
      if (ticket != null) {
        record.waits.add(new Wait(signal.sequence(), ticket, System.nanoTime()));
        record.urgent |= ticket.urgent();
      }
    }
  }

  private long delay(String name) {
    long size = lastSizes.getOrDefault(name, 0);
    return Math.min(MAX_DELAY_NS, Math.max(MIN_DELAY_NS, size * DELAY_PER_CHARACTER_NS));
  }

  /** Nanoseconds until something is due, 0 if something is, a long time if there is nothing. */
  private long untilNextGroup() {
    if (unstored.isEmpty()) {
      return MAX_DELAY_NS;
    }
    long now = System.nanoTime();
    if (failing) {
      return Math.max(0, idleUntilNs - now);
    }
    long next = MAX_DELAY_NS;
    for (Unstored record : unstored.values()) {
      if (record.urgent || closing) {
        return 0;
      }
      next = Math.min(next, record.dueNs - now);
    }
    return Math.max(0, Math.max(next, idleUntilNs - now));
  }

  private void park(long nanos) {
    boolean nothingToDo = unstored.isEmpty();
    idle = nothingToDo;
    parked.set(true);
    boolean mayWait = nothingToDo ? signals.isEmpty() : !hasUrgentSignal();
    if (mayWait && !(closing && !failing)) {
      LockSupport.parkNanos(this, nanos);
    }
    parked.set(false);
    idle = false;
  }

  private boolean hasUrgentSignal() {
    for (Signal signal : signals) {
      AckTicket ticket = signal.ticket();
      if (ticket != null && ticket.urgent()) {
        return true;
      }
    }
    return false;
  }

  private void storeGroup() {
    long started = System.nanoTime();
    List<String> names = due(started);
    Set<String> notTaken = new HashSet<>();
    Map<String, Captured> captured = capture(names, notTaken);
    Set<String> notSaved = save(captured);
    long ended = System.nanoTime();
    boolean outage = !captured.isEmpty() && notSaved.size() == captured.size();
    if (!outage) {
      recovered();
      observer.stored(captured.size() - notSaved.size(), ended - started);
      idleUntilNs = ended + Math.min(MAX_DELAY_NS, (ended - started) * DUTY_CYCLE);
    }
    for (String name : names) {
      if (notTaken.contains(name) || notSaved.contains(name)) {
        again(name, ended);
      } else {
        stored(name, captured.get(name));
      }
    }
    if (outage && closing) {
      LOG.error("{} changed records could not be stored before the stop", unstored.size());
      unstored.clear();
    }
  }

  /** Saves all of them, or as many as can be; returns the names of the others. */
  private Set<String> save(Map<String, Captured> captured) {
    if (captured.isEmpty()) {
      return Set.of();
    }
    try {
      storage.save(captured.values().stream().map(Captured::state).toList());
      return Set.of();
    } catch (RuntimeException e) {
      failed(e);
    }
    if (captured.size() == 1) {
      return captured.keySet();
    }
    return saveOneByOne(captured);
  }

  /** One state that cannot be saved must not keep the others from it. */
  private Set<String> saveOneByOne(Map<String, Captured> captured) {
    Set<String> notSaved = new HashSet<>(captured.keySet());
    int failedInARow = 0;
    for (Map.Entry<String, Captured> each : captured.entrySet()) {
      try {
        storage.save(List.of(each.getValue().state()));
        notSaved.remove(each.getKey());
        failedInARow = 0;
      } catch (RuntimeException e) {
        failedInARow++;
        if (failedInARow == OUTAGE) {
          break;
        }
        LOG.debug("record {} cannot be stored: {}", each.getKey(), e.toString());
      }
    }
    return notSaved;
  }

  /**
   * The state stays unstored, behind all others; waits that nobody can be waiting for any more go.
   */
  private void again(String name, long now) {
    Unstored record = unstored.remove(name);
    if (record != null) {
      record.waits.removeIf(wait -> now - wait.sinceNs() > MAX_WAIT_NS);
      record.urgent = false;
      record.dueNs = now + RETRY_NS;
      unstored.put(name, record);
    }
  }

  private List<String> due(long now) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, Unstored> each : unstored.entrySet()) {
      Unstored record = each.getValue();
      if (record.urgent || closing || record.dueNs - now <= 0) {
        names.add(each.getKey());
        if (names.size() >= MAX_GROUP) {
          break;
        }
      }
    }
    return names;
  }

  /** The newest states, each taken on its partition thread; those that could not be are noted. */
  private Map<String, Captured> capture(List<String> names, Set<String> notTaken) {
    Map<String, Captured> captured = new ConcurrentHashMap<>();
    Map<String, CompletableFuture<?>> running = new LinkedHashMap<>();
    for (String name : names) {
      CaptureProcessor processor =
          new CaptureProcessor(
              (state, sequence) -> captured.put(name, new Captured(state, sequence)));
      running.put(name, map.submitToKey(name, processor).toCompletableFuture());
    }
    running.forEach(
        (name, each) -> {
          try {
            each.join();
          } catch (RuntimeException e) {
            LOG.warn("the state of {} could not be taken for storage: {}", name, e.toString());
            notTaken.add(name);
            captured.remove(name);
          }
        });
    return captured;
  }

  private void failed(RuntimeException failure) {
    if (!failing) {
      failing = true;
      LOG.warn("storage fails, changes are kept and tried again: {}", failure.toString());
    }
    observer.failed();
    idleUntilNs = System.nanoTime() + RETRY_NS;
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.info("storage works again");
    }
  }

  private void stored(String name, @Nullable Captured captured) {
    Unstored record = unstored.get(name);
    if (record == null) {
      return;
    }
    if (captured == null) {
      // The record has moved to another owner, who stores it and answers for it.
      unstored.remove(name);
      return;
    }
    var data = captured.state().data();
    lastSizes.put(name, data == null ? 0 : data.text().length());
    record.urgent = false;
    for (Iterator<Wait> waits = record.waits.iterator(); waits.hasNext(); ) {
      Wait wait = waits.next();
      if (wait.sequence() <= captured.sequence()) {
        waits.remove();
        delivery.stored(wait.ticket().node(), wait.ticket().id());
      } else {
        record.urgent |= wait.ticket().urgent();
      }
    }
    unstored.remove(name);
    if (record.sequence > captured.sequence()) {
      record.dueNs = System.nanoTime() + delay(name);
      unstored.put(name, record);
    }
    if (data == null) {
      graveyard.add(name, captured.sequence());
    }
  }
}
