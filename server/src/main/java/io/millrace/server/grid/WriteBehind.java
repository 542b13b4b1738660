package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.StoredRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what this node's records have become, in groups (P4): in storage, or in a changelog. What
 * is said of storing here holds for both; where the states go is {@link StateSink}'s business.
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
 * <p><b>Owners change.</b> A record whose partition has moved is not here to be captured: the
 * capture arrives at the new owner and hands the duty and the waits over. What was saved while the
 * partition moved is handed over as well, since the new owner may have stored something newer
 * before. For an owner that is lost, {@link Takeover} finds what it had not stored, with the help
 * of {@link #tick watermarks}.
 *
 * <p><b>If storage fails,</b> states stay here and are tried again; only names and waits are kept.
 * When there are too many of them, owners refuse changes ({@link #isFull}), or, where nobody was
 * promised anything, more names are forgotten: all that is kept of them is the earliest sequence,
 * and when there is room again, the cells are looked through for what has changed since ({@link
 * #beginSearch}).
 */
final class WriteBehind implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

  private static final long MIN_DELAY_NS = 5_000_000;
  private static final long MAX_DELAY_NS = 1_000_000_000;

  /** How long a state waits for each character that it measures. */
  private static final long DELAY_PER_CHARACTER_NS = 1_000;

  private static final int DUTY_CYCLE = 4;
  private static final int MAX_GROUP = 2_000;

  /** States of a group are held at once, so their sizes count, as far as they are known. */
  private static final int MAX_GROUP_CHARACTERS = 16 << 20;

  private static final long RETRY_NS = 500_000_000;

  /** Once the grid has been left, asking it fails at once, and again and again. */
  private static final long PAUSE_NS = 50_000_000;

  /** How long a wait is kept when storage fails; whoever waited has given up before. */
  private static final long MAX_WAIT_NS = 90_000_000_000L;

  /** So many records may wait for storage to come back: some hundred MiB of names. */
  static final int MAX_UNSTORED = 1_000_000;

  /** A commit that takes longer than this is an outage, too. */
  private static final long HANGING_NS = 5_000_000_000L;

  /**
   * Watermarks are as old as that many ticks of a second, in which this process was running: a
   * thread may be held up between a change and its signal, and another node may not have said yet
   * that it has taken something over.
   */
  private static final int TRAIL = 10;

  /** No change has been forgotten. */
  private static final long NONE = Long.MAX_VALUE;

  /** How soon to look again whether a record may be stored by this node. */
  private static final long UNSETTLED_NS = 100_000_000;

  /**
   * @param changed false if somebody only wants to know when what there is has been stored
   */
  private record Signal(String name, long sequence, @Nullable AckTicket ticket, boolean changed) {}

  private record Captured(StoredRecord state, long sequence) {}

  /** What is taken for one group: who waits, and which sequence was known then. */
  private record Taken(List<OpenWait> waits, long sequence) {}

  /** What is not stored yet of one record. */
  private static final class Unstored {
    final List<OpenWait> waits = new ArrayList<>(1);
    final long sinceNs = System.nanoTime();

    /** No change before this one waits to be stored. */
    long firstSequence = Long.MAX_VALUE;

    long sequence;
    long dueNs;
    boolean urgent;
  }

  /** How much the record measured when it was last stored, for its pace. */
  private final Map<String, Integer> lastSizes = new SizeMemory();

  private final String duty;
  private final StateSink sink;
  private final NodeDelivery delivery;
  private final StorageObserver observer;
  private final MicroClock clock;
  private final int maxUnstored;
  private final boolean forgets;
  private final Thread thread;
  private final Queue<Signal> signals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean parked = new AtomicBoolean();

  /** For what is unstored. Held for moments only, never during a call to the grid or to storage. */
  private final Object lock = new Object();

  /** In the order in which they are to be stored, so that none waits for ever behind others. */
  private final Map<String, Unstored> unstored = new LinkedHashMap<>();

  /** No change after this sequence has been forgotten; with the lock. */
  private long forgottenFrom = NONE;

  /** No change after this sequence is still to be found by the search that goes on. */
  private long searchedFrom = NONE;

  /** What the watermark was at the last ticks. */
  private final Deque<Long> trail = new ArrayDeque<>();

  /** Whether the writer sleeps with nothing to do, so that any change has to wake it. */
  private volatile boolean idle;

  private final CountDownLatch drained = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile boolean stopped;
  private volatile boolean full;
  private long idleUntilNs = System.nanoTime();
  private long pausedUntilNs = System.nanoTime();
  private volatile boolean failing;

  /** When storage began to fail; valid while it fails. */
  private volatile long failingSinceNs;

  /** When the commit that goes on began, 0 for none. */
  private volatile long savingSinceNs;

  private @Nullable IMap<String, RecordCell> records;
  private Predicate<String> isHere = name -> true;
  private Predicate<String> isSettled = name -> true;
  private @Nullable Graveyard graveyard;

  /**
   * @param duty what it is for, for people
   * @param maxUnstored so many records may wait
   * @param forgets whether more of them are forgotten, and not refused
   */
  WriteBehind(
      String duty,
      StateSink sink,
      NodeDelivery delivery,
      StorageObserver observer,
      MicroClock clock,
      int maxUnstored,
      boolean forgets) {
    this.duty = duty;
    this.sink = sink;
    this.delivery = delivery;
    this.observer = observer;
    this.clock = clock;
    this.maxUnstored = maxUnstored;
    this.forgets = forgets;
    this.thread = Thread.ofPlatform().name(duty + "-writer").unstarted(this::run);
    for (int i = 0; i < TRAIL; i++) {
      trail.add(clock.micros());
    }
  }

  /**
   * Begins to store. Changes may be told of before.
   *
   * @param isHere whether this node owns the partition of a name now
   * @param isSettled whether it has done so for long enough to be the only one who stores it
   * @param mayForget whether a removed record has been dealt with by everybody else
   */
  void start(
      IMap<String, RecordCell> map,
      Predicate<String> isHere,
      Predicate<String> isSettled,
      Predicate<String> mayForget) {
    this.records = map;
    this.isHere = isHere;
    this.isSettled = isSettled;
    this.graveyard = new Graveyard(map, mayForget);
    thread.start();
  }

  /** Whether storage has been away for so long that records must not change any more. */
  boolean isFull() {
    return full;
  }

  /** Whether the record waits to be stored, or may do so. */
  boolean isWaiting(String name) {
    synchronized (lock) {
      collect();
      return unstored.containsKey(name) || isSearching();
    }
  }

  /** Whether some changes are known only by being newer than what is stored. */
  // With the lock.
  private boolean isSearching() {
    return forgottenFrom != NONE || searchedFrom != NONE;
  }

  /** Whether changes have been forgotten and not been found again. */
  private boolean isIncomplete() {
    synchronized (lock) {
      return isSearching();
    }
  }

  /** Whether so few wait that a search may bring more. */
  boolean hasRoom() {
    synchronized (lock) {
      collect();
      return !forgets || unstored.size() < maxUnstored / 2;
    }
  }

  /** Whether changes have been forgotten, and there is room to look for them. */
  boolean beginSearch() {
    synchronized (lock) {
      if (forgottenFrom == NONE || !hasRoom()) {
        return false;
      }
      searchedFrom = Math.min(searchedFrom, forgottenFrom);
      forgottenFrom = NONE;
      return true;
    }
  }

  /** All cells have been looked through since the search began. */
  void endSearch() {
    synchronized (lock) {
      searchedFrom = NONE;
    }
  }

  /** Records that wait to be stored. */
  int unstored() {
    synchronized (lock) {
      return unstored.size();
    }
  }

  /** How long the longest of them has waited. */
  Duration oldest() {
    synchronized (lock) {
      long now = System.nanoTime();
      long longest = 0;
      for (Unstored record : unstored.values()) {
        longest = Math.max(longest, now - record.sinceNs);
      }
      return Duration.ofNanos(longest);
    }
  }

  /** How long storage has not been written to although there is something to write; or nothing. */
  Optional<Duration> outage() {
    long now = System.nanoTime();
    if (failing) {
      return Optional.of(Duration.ofNanos(now - failingSinceNs));
    }
    long saving = savingSinceNs;
    return saving != 0 && now - saving > HANGING_NS
        ? Optional.of(Duration.ofNanos(now - saving))
        : Optional.empty();
  }

  /**
   * To be called every second, on any one thread: keeps what is remembered within its bounds, also
   * while the writer hangs in a commit.
   *
   * @return the sequence up to which everything is stored that this node has changed or taken over
   */
  long tick() {
    synchronized (lock) {
      long lowest = clock.micros();
      collect();
      lowest = Math.min(lowest, Math.min(forgottenFrom, searchedFrom));
      long now = System.nanoTime();
      for (Unstored record : unstored.values()) {
        lowest = Math.min(lowest, record.firstSequence - 1);
        if (!record.waits.isEmpty()) {
          record.waits.removeIf(wait -> now - wait.sinceNs() > MAX_WAIT_NS);
        }
      }
      trail.add(lowest);
      trail.remove();
      return Collections.min(trail);
    }
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
    AckTicket early = signal.ticket();
    if (early != null && PlantedFault.ACK_BEFORE_COMMIT.isPlanted()) {
      delivery.stored(early.node(), early.id());
    }
    signals.add(signal);
    AckTicket ticket = signal.ticket();
    // What is not urgent is collected when the next group is due.
    boolean urgent = ticket != null && ticket.urgent();
    if ((urgent || idle) && parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Stores all that is left, unless storage is away. Goes on then, to hand over what changes while
   * partitions move away.
   */
  void drain() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      if (!drained.await(20, TimeUnit.SECONDS)) {
        LOG.error("{} took too long to take the last changes", duty);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops; what is not stored or handed over by now is not any more. */
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join(20_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!stopped) {
      try {
        long waitNs;
        boolean nothing;
        synchronized (lock) {
          collect();
          nothing = unstored.isEmpty();
          waitNs = untilNextGroup();
        }
        if (nothing && closing) {
          drained.countDown();
        }
        if (waitNs > 0) {
          park(waitNs, nothing);
          continue;
        }
        storeGroup();
        Objects.requireNonNull(graveyard).bury();
      } catch (RuntimeException e) {
        // A bug, but one that must not end the storing of everything else.
        LOG.error("the writer of {} goes on after a bug", duty, e);
        LockSupport.parkNanos(RETRY_NS);
      }
    }
  }

  // With the lock.
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
      if (record == null && forgets && unstored.size() >= maxUnstored) {
        forgottenFrom = Math.min(forgottenFrom, signal.sequence() - 1);
        sink.forgotten(signal.name());
        continue;
      }
      if (record == null) {
        record = new Unstored();
        record.dueNs = System.nanoTime() + delay(signal.name());
        unstored.put(signal.name(), record);
      }
      record.firstSequence = Math.min(record.firstSequence, signal.sequence());
      record.sequence = Math.max(record.sequence, signal.sequence());
      if (ticket != null) {
        record.waits.add(new OpenWait(signal.sequence(), ticket, System.nanoTime()));
        record.urgent |= ticket.urgent();
      }
    }
    full = unstored.size() >= maxUnstored;
  }

  private long delay(String name) {
    long size = lastSizes.getOrDefault(name, 0);
    return Math.min(MAX_DELAY_NS, Math.max(MIN_DELAY_NS, size * DELAY_PER_CHARACTER_NS));
  }

  /** Nanoseconds until something is due, 0 if something is, a long time if there is nothing. */
  // With the lock.
  private long untilNextGroup() {
    if (unstored.isEmpty()) {
      return MAX_DELAY_NS;
    }
    long now = System.nanoTime();
    if (failing) {
      return Math.max(0, idleUntilNs - now);
    }
    if (closing && pausedUntilNs - now > 0) {
      return pausedUntilNs - now;
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

  private void park(long nanos, boolean nothingToDo) {
    idle = nothingToDo;
    parked.set(true);
    boolean mayWait = nothingToDo ? signals.isEmpty() : !hasUrgentSignal();
    if (mayWait && !stopped) {
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
    Map<String, Taken> taken;
    synchronized (lock) {
      taken = due(started);
    }
    Set<String> notTaken = new HashSet<>();
    Map<String, Captured> captured = capture(taken, notTaken);
    savingSinceNs = started;
    if (PlantedFault.ACK_BEFORE_COMMIT.isPlanted()) {
      // So slow a storage that there is always something which was acknowledged and is not saved.
      LockSupport.parkNanos(PlantedFault.SLOW_COMMIT_NS);
    }
    Set<String> notSaved = save(captured);
    savingSinceNs = 0;
    long ended = System.nanoTime();
    boolean outage = !captured.isEmpty() && notSaved.size() == captured.size();
    if (!outage) {
      recovered();
      observer.stored(captured.size() - notSaved.size(), ended - started);
      idleUntilNs = ended + Math.min(MAX_DELAY_NS, (ended - started) * DUTY_CYCLE);
    }
    if (!notTaken.isEmpty()) {
      pausedUntilNs = ended + PAUSE_NS;
    }
    synchronized (lock) {
      taken.forEach(
          (name, each) -> {
            Captured state = captured.get(name);
            if (notTaken.contains(name) || notSaved.contains(name)) {
              again(name, ended);
            } else if (state == null) {
              handedOver(name, each);
            } else {
              stored(name, state);
            }
          });
    }
    if (outage && closing && drained.getCount() > 0) {
      LOG.error("{}: {} changed records were not taken before the stop", duty, unstored());
      drained.countDown();
    }
  }

  /** Saves all of them, or as many as can be; returns the names of the others. */
  private Set<String> save(Map<String, Captured> captured) {
    if (captured.isEmpty()) {
      return Set.of();
    }
    StateSink.Saved saved =
        sink.save(captured.values().stream().map(Captured::state).toList(), isIncomplete());
    RuntimeException cause = saved.cause();
    if (cause != null) {
      failed(cause);
    }
    return saved.failed();
  }

  /** The state stays unstored, behind all others. */
  // With the lock.
  private void again(String name, long now) {
    Unstored record = unstored.remove(name);
    if (record != null) {
      record.urgent = false;
      record.dueNs = now + RETRY_NS;
      unstored.put(name, record);
    }
  }

  // With the lock.
  private Map<String, Taken> due(long now) {
    Map<String, Taken> taken = new LinkedHashMap<>();
    long characters = 0;
    for (Map.Entry<String, Unstored> each : unstored.entrySet()) {
      Unstored record = each.getValue();
      if (record.urgent || closing || record.dueNs - now <= 0) {
        if (!closing && !isSettled.test(each.getKey())) {
          record.dueNs = now + UNSETTLED_NS;
          continue;
        }
        taken.put(each.getKey(), new Taken(List.copyOf(record.waits), record.sequence));
        characters += lastSizes.getOrDefault(each.getKey(), 0);
        if (taken.size() >= MAX_GROUP || characters >= MAX_GROUP_CHARACTERS) {
          break;
        }
      }
    }
    return taken;
  }

  /** The newest states, each taken on its partition thread; those that could not be are noted. */
  private Map<String, Captured> capture(Map<String, Taken> taken, Set<String> notTaken) {
    IMap<String, RecordCell> map = Objects.requireNonNull(records);
    Map<String, Captured> captured = new ConcurrentHashMap<>();
    Map<String, CompletableFuture<?>> running = new LinkedHashMap<>();
    taken.forEach(
        (name, each) -> {
          CaptureProcessor processor =
              new CaptureProcessor(
                  duty,
                  each.waits(),
                  (state, sequence) -> captured.put(name, new Captured(state, sequence)));
          try {
            running.put(name, map.submitToKey(name, processor).toCompletableFuture());
          } catch (RuntimeException e) {
            running.put(name, CompletableFuture.failedFuture(e));
          }
        });
    running.forEach(
        (name, each) -> {
          try {
            each.join();
          } catch (RuntimeException e) {
            LOG.warn("{}: the state of {} could not be taken: {}", duty, name, e.toString());
            notTaken.add(name);
            captured.remove(name);
          }
        });
    return captured;
  }

  private void failed(RuntimeException failure) {
    if (!failing) {
      failingSinceNs = System.nanoTime();
      failing = true;
      LOG.warn(
          "{} fails; {} changed records are kept and tried again: {}",
          duty,
          unstored(),
          failure.toString());
    }
    observer.failed();
    idleUntilNs = System.nanoTime() + RETRY_NS;
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.info("{} works again, {} changed records wait for it", duty, unstored());
    }
  }

  /** The record has moved to another owner, who has taken over what was known of it then. */
  // With the lock.
  private void handedOver(String name, Taken taken) {
    Unstored record = unstored.get(name);
    if (record == null) {
      return;
    }
    sink.handedOver(name);
    record.waits.removeAll(taken.waits());
    if (record.waits.isEmpty() && record.sequence <= taken.sequence()) {
      unstored.remove(name);
    }
  }

  // With the lock.
  private void stored(String name, Captured captured) {
    Unstored record = unstored.get(name);
    if (record == null) {
      return;
    }
    var data = captured.state().data();
    lastSizes.put(name, data == null ? 0 : data.text().length());
    record.urgent = false;
    for (Iterator<OpenWait> waits = record.waits.iterator(); waits.hasNext(); ) {
      OpenWait wait = waits.next();
      if (wait.sequence() <= captured.sequence()) {
        waits.remove();
        delivery.stored(wait.ticket().node(), wait.ticket().id());
      } else {
        record.urgent |= wait.ticket().urgent();
      }
    }
    unstored.remove(name);
    if (!isHere.test(name)) {
      // It moved while it was saved: the new owner may have stored newer positions before, so it
      // has to store once more. The next capture tells it.
      record.dueNs = System.nanoTime();
      unstored.put(name, record);
      return;
    }
    if (record.sequence > captured.sequence()) {
      record.firstSequence = captured.sequence() + 1;
      record.dueNs = System.nanoTime() + delay(name);
      unstored.put(name, record);
    }
    if (data == null) {
      Objects.requireNonNull(graveyard).add(name, captured.sequence());
    }
  }
}
