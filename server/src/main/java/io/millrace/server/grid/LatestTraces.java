package io.millrace.server.grid;

import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.tracing.TraceContext;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The traces of changes whose records a changelog is to be told of as states: of each record the
 * last one. Thread-safe; the changes of a record come from one thread at a time.
 */
final class LatestTraces {

  /** While a broker is away; of more records the trace is lost, and nothing else (P6). */
  static final int MAX = 10_000;

  private record Last(long incarnation, int version, TraceContext trace) {
    boolean isIn(StoredRecord state) {
      return incarnation < state.incarnation()
          || (incarnation == state.incarnation() && version <= state.version());
    }
  }

  private final ConcurrentMap<String, Last> lasts = new ConcurrentHashMap<>();

  void changed(RecordChange change) {
    String name = change.name().value();
    TraceContext trace = change.trace();
    if (trace == null) {
      forget(name);
    } else if (lasts.size() < MAX || lasts.containsKey(name)) {
      lasts.put(name, new Last(change.incarnation(), change.version(), trace));
    }
  }

  /** That of the last change in the state, if it is known; once. */
  @Nullable TraceContext take(StoredRecord state) {
    Last last = lasts.get(state.name().value());
    if (last == null || !last.isIn(state)) {
      return null;
    }
    lasts.remove(state.name().value(), last);
    return last.trace();
  }

  void forget(String name) {
    if (!lasts.isEmpty()) {
      lasts.remove(name);
    }
  }
}
