package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.tracing.TraceContext;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Port: the grid, as one shard of this node sees it. Confined to the shard's event loop; futures
 * complete on that loop. Calls about one name are carried out in the order in which they were made.
 * Futures fail when the owner or storage could not be reached for long, and then it is not known
 * whether a write took place.
 */
public interface RecordStore {

  /**
   * Makes this node follow the record: from the returned state on, every change is published to it.
   *
   * @param create whether a missing record is created as {@code {}} at version 0
   */
  CompletableFuture<RecordSnapshot> follow(RecordName name, boolean create);

  /**
   * As {@link #follow}, for a record of which this node has that version of that life. An owner
   * that has less moves past it, and tells everybody.
   */
  CompletableFuture<Comparison> compare(RecordName name, long incarnation, int version);

  /** The opposite of {@link #follow}. */
  void unfollow(RecordName name);

  /**
   * Whether others may have changed a record, and been told so, before this node hears of it: when
   * its owner may be another node.
   */
  default boolean isShared() {
    return false;
  }

  /** The state now. */
  CompletableFuture<RecordSnapshot> read(RecordName name);

  /** The version now, -1 if there is no such record. */
  CompletableFuture<Integer> head(RecordName name);

  /**
   * Has the owner carry out the command.
   *
   * @param writer who wrote, if it was a connection
   * @param durable whether somebody will wait for {@link WriteResult#durable}
   * @param trace what caused it, or null
   */
  CompletableFuture<WriteResult> write(
      RecordName name,
      RecordCommand command,
      @Nullable Writer writer,
      boolean durable,
      @Nullable TraceContext trace);

  /** One that nobody traces. */
  default CompletableFuture<WriteResult> write(
      RecordName name, RecordCommand command, @Nullable Writer writer, boolean durable) {
    return write(name, command, writer, durable, null);
  }

  /** Takes over what storage holds under the name, and publishes it (protocol §3.7). */
  CompletableFuture<Void> refresh(RecordName name);

  /** As {@link WarmTarget#warm}. */
  default CompletableFuture<Boolean> warm(String changelog, StoredRecord state) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("has no changelogs to start from"));
  }

  /**
   * @param durable completes when the change is stored as far as storage is configured; already
   *     complete when nobody asked for it, or nothing changed
   */
  record WriteResult(WriteOutcome outcome, CompletableFuture<Void> durable) {}

  /**
   * What the owner has, compared with what this node has.
   *
   * @param same whether it is the same; then {@code state} says nothing
   * @param state the owner's
   * @param movedPast whether the owner moved the record past what this node has: whoever follows
   *     the record goes on with it, also if that began a new life
   */
  record Comparison(boolean same, RecordSnapshot state, boolean movedPast) {
    public static final Comparison SAME = new Comparison(true, RecordSnapshot.missing(0), false);
  }
}
