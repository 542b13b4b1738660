package io.millrace.server.record;

import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonSize;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A record as its owner holds it: the live tree, changed in place along the path of a patch, so
 * that the cost of a change does not grow with the record. Confined to the grid's partition thread
 * of its name. A cell without data says that there is no such record, but who is interested in it,
 * and which deltas it has seen.
 */
public final class RecordCell {
  private long incarnation;
  private int version = RecordSnapshot.MISSING;
  private @Nullable ContainerNode<?> data;
  private long size;
  private long sequence;
  private long since;
  private long now;
  private Map<String, Long> positions = Map.of();
  private List<String> interest = List.of();

  public RecordCell() {}

  /** As the longer one, for a cell that was there from the beginning. */
  public RecordCell(
      long incarnation,
      int version,
      @Nullable ContainerNode<?> data,
      long sequence,
      Map<String, Long> positions,
      List<String> interest) {
    this(incarnation, version, data, sequence, 0, positions, interest);
  }

  /** A cell as it was before it travelled. */
  public RecordCell(
      long incarnation,
      int version,
      @Nullable ContainerNode<?> data,
      long sequence,
      long since,
      Map<String, Long> positions,
      List<String> interest) {
    this.since = since;
    this.incarnation = incarnation;
    this.version = version;
    this.sequence = sequence;
    this.positions = positions.isEmpty() ? Map.of() : new TreeMap<>(positions);
    this.interest = List.copyOf(interest);
    setData(data);
  }

  public long incarnation() {
    return incarnation;
  }

  /** The current version; of a removed record, its last one; -1 when there never was one. */
  public int version() {
    return version;
  }

  public @Nullable ContainerNode<?> data() {
    return data;
  }

  /** The length of the data as JSON text, in UTF-16 units. */
  public long size() {
    return size;
  }

  /**
   * Grows with every change of anything that is stored: the owner's time of the last one in
   * microseconds, or one more than the one before if that is more. The same on the backup, so that
   * it goes on when the owner is lost.
   */
  public long sequence() {
    return sequence;
  }

  /** The sequence that the cell began with when it was loaded. */
  public long since() {
    return since;
  }

  /**
   * Whether what the cell holds has come from the state that it had at that sequence. It has not if
   * the cell was lost or given up since, and loaded anew.
   */
  public boolean includes(long sequenceThen) {
    return since <= sequenceThen && sequenceThen <= sequence;
  }

  /** Whether anything has happened to the record since it was loaded. */
  public boolean isChanged() {
    return sequence != since;
  }

  /** Sets the owner's time for what is done next, in microseconds. */
  public void at(long ownersMicros) {
    now = ownersMicros;
  }

  public Map<String, Long> positions() {
    return positions;
  }

  /** The nodes that follow the record. */
  public List<String> interest() {
    return interest;
  }

  public boolean exists() {
    return data != null;
  }

  /** Whether nothing would be lost if the cell were not there. */
  public boolean isBlank() {
    return data == null
        && version == RecordSnapshot.MISSING
        && positions.isEmpty()
        && interest.isEmpty();
  }

  public RecordSnapshot snapshot() {
    return data == null
        ? RecordSnapshot.missing(incarnation)
        : new RecordSnapshot(incarnation, version, Json.text(data));
  }

  public void addInterest(String node) {
    if (!interest.contains(node)) {
      interest = Stream.concat(interest.stream(), Stream.of(node)).toList();
    }
  }

  public void removeInterest(String node) {
    interest = interest.stream().filter(other -> !other.equals(node)).toList();
  }

  /** Becomes what storage holds, null for nothing. To be called on a blank cell. */
  public void install(@Nullable StoredRecord stored) {
    changed();
    since = sequence;
    if (stored == null) {
      return;
    }
    incarnation = stored.incarnation();
    version = stored.version();
    positions = stored.positions().isEmpty() ? Map.of() : new TreeMap<>(stored.positions());
    setData(tree(stored.data()));
  }

  /**
   * Takes over what storage holds, null for nothing, in place of what is here. Positions stay as
   * they are where they are further. It begins a new life, so that it is newer than all that was
   * said of the old one, whatever its version is.
   *
   * @return what followers must be told, null if nothing is different
   */
  public @Nullable RecordChange replace(
      String name, @Nullable StoredRecord stored, long newIncarnation) {
    ContainerNode<?> newData = stored == null ? null : tree(stored.data());
    if (stored != null) {
      stored
          .positions()
          .forEach((partition, offset) -> advance(new LogPosition(partition, offset)));
    }
    if (newData == null) {
      if (data == null) {
        return null;
      }
      RecordChange change = change(name, new RecordChange.Deleted());
      remove();
      return change;
    }
    boolean same = stored != null && stored.version() == version && newData.equals(data);
    if (stored == null || same) {
      return null;
    }
    incarnation = Math.max(newIncarnation, Math.max(incarnation, stored.incarnation()) + 1);
    version = stored.version();
    setData(newData);
    changed();
    return change(name, new RecordChange.Whole(Json.text(newData)));
  }

  private void advance(LogPosition position) {
    if (!hasSeen(position)) {
      seen(position);
    }
  }

  private static @Nullable ContainerNode<?> tree(@Nullable JsonText text) {
    return text != null && Json.parse(text).orElse(null) instanceof ContainerNode<?> tree
        ? tree
        : null;
  }

  private RecordChange change(String name, RecordChange.Body body) {
    return new RecordChange(new RecordName(name), incarnation, version, body, true, null);
  }

  /** Becomes blank if the record is removed, nobody follows it, and nothing happened since. */
  public void forgetIfRemoved(long sinceSequence) {
    if (data == null && interest.isEmpty() && sequence == sinceSequence) {
      clear();
    }
  }

  /** Becomes blank, so that the grid does not hold it any more; what it was is in storage. */
  public void clear() {
    incarnation = 0;
    version = RecordSnapshot.MISSING;
    positions = Map.of();
    interest = List.of();
    setData(null);
  }

  void create(long newIncarnation, ContainerNode<?> newData) {
    incarnation = Math.max(newIncarnation, incarnation + 1);
    version = 0;
    setData(newData);
    changed();
  }

  void advance(ContainerNode<?> newData, long newSize) {
    data = newData;
    size = newSize;
    version++;
    changed();
  }

  void remove() {
    setData(null);
    interest = List.of();
    changed();
  }

  void seen(LogPosition position) {
    if (positions.isEmpty()) {
      positions = new TreeMap<>();
    }
    positions.put(position.partition(), position.offset());
    changed();
  }

  boolean hasSeen(LogPosition position) {
    Long last = positions.get(position.partition());
    return last != null && last >= position.offset();
  }

  private void changed() {
    sequence = Math.max(sequence + 1, now);
  }

  private void setData(@Nullable ContainerNode<?> newData) {
    data = newData;
    size = newData == null ? 0 : JsonSize.of(newData);
  }
}
