package io.millrace.server.grid;

import io.millrace.server.record.Changelog;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells a changelog what records have become, and how, as far as that is known. */
final class ChangelogSink implements StateSink {
  private final Changelog changelog;
  private final @Nullable ChangeBuffer changes;
  private final @Nullable LatestTraces traces;

  /**
   * @param changes null if it is told states only
   * @param traces null if it is told each change
   */
  ChangelogSink(
      Changelog changelog, @Nullable ChangeBuffer changes, @Nullable LatestTraces traces) {
    this.changelog = changelog;
    this.changes = changes;
    this.traces = traces;
  }

  @Override
  public Saved save(List<StoredRecord> states, boolean isIncomplete) {
    ChangeBuffer known = changes;
    List<Changelog.Entry> entries = new ArrayList<>();
    for (StoredRecord state : states) {
      List<RecordChange> told = known == null || isIncomplete ? null : known.upTo(state);
      if (told == null || !told.isEmpty()) {
        entries.add(new Changelog.Entry(state, told, traces == null ? null : traces.take(state)));
      }
    }
    if (entries.isEmpty()) {
      return Saved.ALL;
    }
    Changelog.Told told = changelog.tell(entries);
    if (known != null) {
      for (StoredRecord state : states) {
        if (told.failed().contains(state.name().value())) {
          known.failed(state);
        } else {
          known.told(state);
        }
      }
    }
    return new Saved(told.failed(), told.cause());
  }

  @Override
  public void handedOver(String name) {
    forgotten(name);
  }

  @Override
  public void forgotten(String name) {
    if (changes != null) {
      changes.forget(name);
    }
    if (traces != null) {
      traces.forget(name);
    }
  }
}
