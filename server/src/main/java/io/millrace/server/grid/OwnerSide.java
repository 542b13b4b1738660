package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.record.Writer;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.tracing.Tracing;
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
  private final Duties duties;
  private final @Nullable WriteBehind writeBehind;
  private final MicroClock clock;
  private final Claims claims;
  private final Tracing tracing;

  /** Whether this node knows who the others are; it keeps copies as soon as it has joined. */
  private volatile boolean open;

  /**
   * What is to be done.
   *
   * @param writeId the write's, or {@link RecentWrites#NO_ID}
   * @param openId the lowest id of the same origin that may be repeated
   * @param repeated whether it may have been done already
   */
  record Order(
      RecordCommand command, long newIncarnation, long writeId, long openId, boolean repeated) {
    Order(RecordCommand command, long newIncarnation) {
      this(command, newIncarnation, RecentWrites.NO_ID, RecentWrites.NO_ID, false);
    }
  }

  OwnerSide(
      RecordWrites writes,
      NodeDelivery delivery,
      StorageScope storageScope,
      Duties duties,
      MicroClock clock,
      Claims claims,
      Tracing tracing) {
    this.writes = writes;
    this.delivery = delivery;
    this.storageScope = storageScope;
    this.duties = duties;
    Duty storing = duties.storage();
    this.writeBehind = storing == null ? null : storing.writeBehind();
    this.clock = clock;
    this.claims = claims;
    this.tracing = tracing;
  }

  /** From now on the node may own records: it knows who the others are. */
  void open() {
    open = true;
  }

  boolean isOpen() {
    return open && !claims.isMeeting();
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
    throw new IllegalStateException("this member does not own records");
  }

  Claims claims() {
    return claims;
  }

  /** Whether what is carried out here may be asked of another node once more. */
  boolean mayBeAskedAgain() {
    return claims.isClustered();
  }

  /** Whether storage may know of a record that the grid does not hold. */
  boolean isStored(String name) {
    return storageScope.contains(name);
  }

  /**
   * Whether a record that this part of a cluster does not hold is not to be taken over from another
   * part that it meets: what that had promised is in storage, or it could not promise anything.
   */
  boolean knowsBetter(String name) {
    return isStored(name) || claims.hasOutlivedSplit();
  }

  /** The time that changes are ordered by. */
  long micros() {
    return clock.micros();
  }

  /** Whether so much waits to be stored that the record must not change. */
  boolean refusesChanges(String name) {
    return writeBehind != null && writeBehind.isFull() && isStored(name);
  }

  /**
   * Carries out a command; on the owner also tells followers and storage.
   *
   * @param trace what caused it, or null
   */
  GridAnswer write(
      String name,
      RecordCell cell,
      Order order,
      @Nullable Writer writer,
      @Nullable AckTicket ticket,
      @Nullable TraceContext trace,
      boolean backup) {
    long began = trace == null ? 0 : Tracing.epochNanos();
    // A removal forgets who is interested; they are still to be told of it.
    List<String> interest = cell.interest();
    long before = cell.sequence();
    // Of a life that began elsewhere, nobody here knows what changelogs have heard.
    boolean isFirst = before == cell.since() && cell.version() != RecordSnapshot.MISSING;
    RecordWrites.Decision decision =
        order.repeated()
            ? writes.decideAgain(
                new RecordName(name),
                cell,
                order.command(),
                order.newIncarnation(),
                order.writeId(),
                writer)
            : writes.decide(
                new RecordName(name), cell, order.command(), order.newIncarnation(), writer);
    if (decision.outcome() instanceof WriteOutcome.Applied && decision.change() != null) {
      cell.wrote(order.writeId(), order.openId());
    }
    if (!cell.exists() && !isStored(name) && !duties.isLogged(name) && cell.positions().isEmpty()) {
      // Nothing to remember of a record that was removed and is passed on to nobody.
      cell.forgetIfRemoved(cell.sequence());
    }
    if (backup) {
      return new GridAnswer.Done();
    }
    RecordChange change = decision.change();
    if (change != null && trace != null) {
      change = change.tracedBy(tracing.applied(trace, began, name, change.version()));
    }
    if (change != null) {
      publish(cell, interest, change);
    }
    boolean changed = cell.sequence() != before;
    if (changed) {
      duties.log(name, cell, change, isFirst);
    }
    return new GridAnswer.Written(
        decision.outcome(),
        store(name, cell, changed, decision.outcome(), ticket),
        cell.sequence());
  }

  /**
   * Publishes a change to the nodes that had an interest, as far as they are still there. The
   * interest of others ends: a node that comes back has another id, or asks again.
   */
  void publish(RecordCell cell, List<String> interest, RecordChange change) {
    for (String node : interest) {
      if (claims.isMember(node)) {
        delivery.changed(node, change);
      } else {
        cell.removeInterest(node);
      }
    }
  }

  /** Whether a node that is there has an interest. Those of nodes that have gone stay noted. */
  boolean isFollowed(RecordCell cell) {
    for (String node : cell.interest()) {
      if (claims.isMember(node)) {
        return true;
      }
    }
    return false;
  }

  private boolean store(
      String name,
      RecordCell cell,
      boolean changed,
      WriteOutcome outcome,
      @Nullable AckTicket ticket) {
    WriteBehind storing = writeBehind;
    if (storing == null || !isStored(name)) {
      return false;
    }
    if (changed) {
      storing.changed(name, cell.sequence(), ticket);
      return ticket != null;
    }
    // Of a record that never was, there is nothing to store.
    boolean done =
        outcome instanceof WriteOutcome.AlreadyApplied
            || (outcome instanceof WriteOutcome.Applied
                && cell.version() != RecordSnapshot.MISSING);
    if (ticket != null && done) {
      // Done earlier, but perhaps not stored yet: who asks again must wait for that, too.
      storing.changed(name, cell.sequence(), ticket);
      return true;
    }
    return false;
  }

  /** A changelog has said what the record is; everybody else is to hear of it. */
  void warmed(String duty, String name, RecordCell cell) {
    duties.flushExcept(duty, name, cell);
  }

  /** This node owns the record now: others have told of changes before, or not. */
  void signed(String name, RecordCell cell) {
    duties.owned(name, cell);
  }

  /** Has the record stored once more, as it is, and passed on to changelogs. */
  void flush(String name, RecordCell cell) {
    duties.flush(name, cell);
  }

  /** Has the record stored whatever was stored before, and ends the wait then. */
  void storeAgain(String name, RecordCell cell, AckTicket ticket) {
    if (writeBehind != null) {
      writeBehind.changed(name, cell.sequence(), ticket);
    }
  }

  /**
   * Does for an owner that had the record before what that has not done, and ends the waits that
   * began there.
   */
  void takeOver(String duty, String name, RecordCell cell, List<OpenWait> waits) {
    duties.named(duty).filter(own -> own.isAbout(name)).ifPresent(own -> own.flush(name, cell));
    for (OpenWait wait : waits) {
      if (cell.includes(wait.sequence())) {
        storeAgain(name, cell, wait.ticket());
      }
    }
  }

  /** Ends the wait when the record is stored as it is. */
  void whenStored(String name, RecordCell cell, AckTicket ticket) {
    WriteBehind storing = writeBehind;
    if (storing != null && isStored(name)) {
      storing.whenStored(name, cell.sequence(), ticket);
    }
  }
}
