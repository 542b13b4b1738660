package io.millrace.server.record;

import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonSize;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private Ownership ownership = Ownership.NONE;
  private RecentWrites recentWrites = RecentWrites.NONE;

  /** Whether the owner knows its signature to be copied. Of no meaning on a backup. */
  private boolean confirmed;

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

  /**
   * One record out of two that have been written to apart from each other: the later life, in it
   * the higher version. Where they differ the version grows, so that nobody takes one for the
   * other. Deltas count as seen if what is left includes them: those that only the loser had are
   * not in the data any more, and have to take effect when they are delivered again.
   */
  public static RecordCell merged(RecordCell one, RecordCell other) {
    RecordCell winner = one.isBehind(other.incarnation, other.version) ? other : one;
    RecordCell loser = winner == one ? other : one;
    boolean same =
        one.incarnation == other.incarnation
            && one.version == other.version
            && Objects.equals(one.data, other.data);
    RecordCell merged =
        new RecordCell(
            winner.incarnation,
            winner.version,
            winner.data,
            Math.max(one.sequence, other.sequence) + 1,
            winner.positions,
            Stream.concat(one.interest.stream(), other.interest.stream()).distinct().toList());
    if (same) {
      loser.positions.forEach(
          (partition, offset) -> merged.advance(new LogPosition(partition, offset)));
    }
    merged.ownership =
        new Ownership(
            winner.ownership.owner(),
            one.incarnation == other.incarnation
                ? Math.max(one.ownership.floor(), other.ownership.floor())
                : winner.ownership.floor(),
            Math.max(
                Math.max(one.ownership.lifeFloor(), other.ownership.lifeFloor()),
                loser.incarnation));
    merged.recentWrites = RecentWrites.FORGOTTEN;
    if (!same && merged.exists()) {
      merged.version = Math.max(Math.max(one.version, other.version), merged.ownership.floor()) + 1;
    }
    return merged;
  }

  /** The same in another object, which takes the place of this one. */
  public RecordCell moved() {
    RecordCell other =
        new RecordCell(incarnation, version, data, sequence, since, positions, interest);
    other.restore(ownership, recentWrites);
    return other;
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

  public Ownership ownership() {
    return ownership;
  }

  /** The time in microseconds of what is done to it now. */
  public long now() {
    return now;
  }

  public RecentWrites recentWrites() {
    return recentWrites;
  }

  /** Whether that node may publish changes: its signature is copied. */
  public boolean isConfirmed(String node) {
    return confirmed && node.equals(ownership.owner());
  }

  /** Is signed; the owner may not publish before it has {@linkplain #confirm confirmed} that. */
  public void sign(Ownership by) {
    ownership = by;
    confirmed = false;
  }

  /** The signature is copied, or there is nothing yet that could be taken for something else. */
  public void confirm() {
    confirmed = true;
  }

  /**
   * A write of a client has taken place.
   *
   * @param open the lowest id of the same origin that may be repeated
   */
  public void wrote(long id, long open) {
    recentWrites = recentWrites.with(id, open, now);
  }

  /** Whether a write that is repeated now may have taken place, and is not known any more. */
  boolean mayHaveForgottenWrites() {
    return recentWrites.mayHaveForgotten(now);
  }

  /** Takes over what is not part of the record itself, after it has travelled. */
  public void restore(Ownership by, RecentWrites writes) {
    ownership = by;
    recentWrites = writes;
  }

  /** Whether somebody may have seen versions of this life that are not in the cell. */
  public boolean isBehind() {
    return ownership.floor() > version;
  }

  /** Whether somebody who has seen that version of that life knows of more than this owner. */
  public boolean isBehind(long otherIncarnation, int otherVersion) {
    return incarnation < otherIncarnation
        || (incarnation == otherIncarnation && version < otherVersion);
  }

  /**
   * Becomes newer than what somebody has seen, with the same data.
   *
   * @return what everybody must be told
   */
  public RecordChange movePast(RecordName name, long otherIncarnation, int otherVersion) {
    if (otherIncarnation > incarnation) {
      incarnation = Math.max(otherIncarnation, ownership.lifeFloor()) + 1;
    }
    version = Math.max(otherVersion, Math.max(version, ownership.floor())) + 1;
    changed();
    JsonText text = data == null ? JsonText.EMPTY_OBJECT : Json.text(data);
    return change(name.value(), new RecordChange.Whole(text));
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
      remove();
      return change(name, new RecordChange.Deleted());
    }
    boolean same = stored != null && stored.version() == version && newData.equals(data);
    if (stored == null || same) {
      return null;
    }
    long last = Math.max(ownership.lifeFloor(), Math.max(incarnation, stored.incarnation()));
    incarnation = Math.max(newIncarnation, last + 1);
    ownership = ownership.inNewLife();
    version = stored.version();
    setData(newData);
    changed();
    return change(name, new RecordChange.Whole(Json.text(newData)));
  }

  /** Whether that is a later state than this one. */
  public boolean isOlderThan(StoredRecord state) {
    if (isUnknown()) {
      return state.data() != null || !state.positions().isEmpty();
    }
    if (incarnation != state.incarnation() || version != state.version()) {
      return isBehind(state.incarnation(), state.version());
    }
    // The end of a life has the last version that the life had.
    return data != null && state.data() == null;
  }

  /** Whether that is the same state, with deltas that this one has not counted. */
  public boolean isBehindIn(StoredRecord state) {
    return incarnation == state.incarnation()
        && version == state.version()
        && (data == null) == (state.data() == null)
        && state.positions().entrySet().stream()
            .anyMatch(each -> !hasSeen(new LogPosition(each.getKey(), each.getValue())));
  }

  private boolean isUnknown() {
    return data == null && version == RecordSnapshot.MISSING && positions.isEmpty();
  }

  /**
   * Becomes what a changelog says, which is {@linkplain #isOlderThan later}, or counts the deltas
   * that it has counted.
   *
   * @return what followers must be told, null if nothing
   */
  public @Nullable RecordChange warm(StoredRecord state) {
    if (!isOlderThan(state)) {
      state.positions().forEach((partition, offset) -> advance(new LogPosition(partition, offset)));
      changed();
      return null;
    }
    boolean existed = data != null;
    incarnation = state.incarnation();
    version = state.version();
    positions = state.positions().isEmpty() ? Map.of() : new TreeMap<>(state.positions());
    setData(tree(state.data()));
    changed();
    if (data != null) {
      return change(state.name().value(), new RecordChange.Whole(Json.text(data)));
    }
    return existed ? change(state.name().value(), new RecordChange.Deleted()) : null;
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
    ownership = Ownership.NONE;
    recentWrites = RecentWrites.NONE;
    setData(null);
  }

  void create(long newIncarnation, ContainerNode<?> newData) {
    incarnation = Math.max(newIncarnation, Math.max(incarnation, ownership.lifeFloor()) + 1);
    ownership = ownership.inNewLife();
    version = 0;
    setData(newData);
    changed();
  }

  void advance(ContainerNode<?> newData, long newSize) {
    data = newData;
    size = newSize;
    version = Math.max(version, ownership.floor()) + 1;
    changed();
  }

  void remove() {
    version = Math.max(version, ownership.floor());
    setData(null);
    interest = List.of();
    changed();
  }

  void seen(LogPosition position) {
    if (positions.isEmpty()) {
      positions = new TreeMap<>();
    }
    if (positions.put(position.partition(), position.offset()) == null) {
      // Those in a topic that is gone are of no use any more.
      positions.keySet().removeIf(position::replaces);
    }
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
