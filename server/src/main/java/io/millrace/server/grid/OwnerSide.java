package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.record.Writer;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What a node does for the records that it owns: decides, publishes, has them stored. Processors
 * find it through the grid's user context, because they travel and must not capture services.
 * Called on partition threads; never blocks.
 */
final class OwnerSide {
  private static final String KEY = OwnerSide.class.getName();

  private final RecordWrites writes;
  private final NodeDelivery delivery;
  private final StorageScope storageScope;
  private final @Nullable WriteBehind writeBehind;
  private final MicroClock clock;

  OwnerSide(
      RecordWrites writes,
      NodeDelivery delivery,
      StorageScope storageScope,
      @Nullable WriteBehind writeBehind,
      MicroClock clock) {
    this.writes = writes;
    this.delivery = delivery;
    this.storageScope = storageScope;
    this.writeBehind = writeBehind;
    this.clock = clock;
  }

  /** Before the member starts: others may ask it, or copy to it, as soon as it has joined. */
  void install(Config member) {
    ConcurrentMap<String, Object> context = new ConcurrentHashMap<>();
    context.put(KEY, this);
    member.setUserContext(context);
  }

  static OwnerSide of(HazelcastInstance hazelcast) {
    Object found = hazelcast.getUserContext().get(KEY);
    if (found instanceof OwnerSide owner) {
      return owner;
    }
    throw new IllegalStateException("this member does not own records (yet)");
  }

  /** Whether storage may know of a record that the grid does not hold. */
  boolean isStored(String name) {
    return storageScope.contains(name);
  }

  /** The time that changes are ordered by. */
  long micros() {
    return clock.micros();
  }

  /** Whether so much waits to be stored that the record must not change. */
  boolean refusesChanges(String name) {
    return writeBehind != null && writeBehind.isFull() && isStored(name);
  }

  /** Carries out a command; on the owner also tells followers and storage. */
  GridAnswer write(
      String name,
      RecordCell cell,
      RecordCommand command,
      long newIncarnation,
      @Nullable Writer writer,
      @Nullable AckTicket ticket,
      boolean backup) {
    // A removal forgets who is interested; they are still to be told of it.
    List<String> interest = cell.interest();
    long before = cell.sequence();
    RecordWrites.Decision decision =
        writes.decide(new RecordName(name), cell, command, newIncarnation, writer);
    if (!cell.exists() && !isStored(name) && cell.positions().isEmpty()) {
      // Nothing to remember of a record that was removed and never stored.
      cell.forgetIfRemoved(cell.sequence());
    }
    if (backup) {
      return new GridAnswer.Done();
    }
    RecordChange change = decision.change();
    if (change != null) {
      publish(interest, change);
    }
    boolean changed = cell.sequence() != before;
    return new GridAnswer.Written(
        decision.outcome(),
        store(name, cell, changed, decision.outcome(), ticket),
        cell.sequence());
  }

  /** Publishes what has changed from outside the sequence of writes. */
  void publish(List<String> interest, RecordChange change) {
    for (String node : interest) {
      delivery.changed(node, change);
    }
  }

  private boolean store(
      String name,
      RecordCell cell,
      boolean changed,
      WriteOutcome outcome,
      @Nullable AckTicket ticket) {
    if (writeBehind == null || !isStored(name)) {
      return false;
    }
    if (changed) {
      writeBehind.changed(name, cell.sequence(), ticket);
      return ticket != null;
    }
    // Of a record that never was, there is nothing to store.
    boolean done =
        outcome instanceof WriteOutcome.AlreadyApplied
            || (outcome instanceof WriteOutcome.Applied
                && cell.version() != RecordSnapshot.MISSING);
    if (ticket != null && done) {
      // Done earlier, but perhaps not stored yet: who asks again must wait for that, too.
      writeBehind.changed(name, cell.sequence(), ticket);
      return true;
    }
    return false;
  }

  /** Has the record stored once more, as it is. */
  void flush(String name, RecordCell cell) {
    if (writeBehind != null && isStored(name)) {
      writeBehind.changed(name, cell.sequence(), null);
    }
  }

  /** Has the record stored whatever was stored before, and ends the wait then. */
  void storeAgain(String name, RecordCell cell, AckTicket ticket) {
    if (writeBehind != null) {
      writeBehind.changed(name, cell.sequence(), ticket);
    }
  }

  /** Stores for an owner that had the record before, and ends the waits that began there. */
  void takeOver(String name, RecordCell cell, List<OpenWait> waits) {
    flush(name, cell);
    for (OpenWait wait : waits) {
      if (cell.includes(wait.sequence())) {
        storeAgain(name, cell, wait.ticket());
      }
    }
  }

  /** Ends the wait when the record is stored as it is. */
  void whenStored(String name, RecordCell cell, AckTicket ticket) {
    if (writeBehind != null && isStored(name)) {
      writeBehind.whenStored(name, cell.sequence(), ticket);
    }
  }
}
