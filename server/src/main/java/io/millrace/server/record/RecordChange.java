package io.millrace.server.record;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.tracing.TraceContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step in the life of a record, as its owner publishes it to the nodes that follow the record.
 *
 * @param version the version that the change leads to
 * @param resync whether followers go on with it although it begins a new incarnation: the owner's
 *     state was replaced from outside the sequence (storage, hot path)
 * @param writer who already knows, or null
 * @param trace what a delivery of it is a child of, or null
 */
public record RecordChange(
    RecordName name,
    long incarnation,
    int version,
    Body body,
    boolean resync,
    @Nullable Writer writer,
    @Nullable TraceContext trace) {

  /** One that nobody traces. */
  public RecordChange(
      RecordName name,
      long incarnation,
      int version,
      Body body,
      boolean resync,
      @Nullable Writer writer) {
    this(name, incarnation, version, body, resync, writer, null);
  }

  public RecordChange tracedBy(TraceContext cause) {
    return new RecordChange(name, incarnation, version, body, resync, writer, cause);
  }

  /** About how much text it carries, in UTF-16 units. */
  public long length() {
    return switch (body) {
      case Whole whole -> whole.data().text().length();
      case Deleted() -> 0;
      case Paths paths -> {
        long sum = 0;
        for (At at : paths.writes()) {
          JsonText value = at.value();
          sum += at.path().length() + (value == null ? 0 : value.text().length());
        }
        yield sum;
      }
    };
  }

  /** What changed. */
  public sealed interface Body {}

  /** Everything: this is the new data. */
  public record Whole(JsonText data) implements Body {}

  /** The values at these paths, in order. */
  public record Paths(List<At> writes) implements Body {
    public Paths {
      writes = List.copyOf(writes);
    }
  }

  /** The record is gone. */
  public record Deleted() implements Body {}

  /** The new value at a path, null when it was erased. */
  public record At(String path, @Nullable JsonText value) {}
}
