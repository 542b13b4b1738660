package io.millrace.server.grid;

import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordFollower;
import java.util.Set;
import java.util.function.Consumer;

/** Passes on what it hears. */
record FakeFollower(Consumer<RecordChange> changes) implements RecordFollower {
  @Override
  public void changed(String owner, RecordChange change) {
    changes.accept(change);
  }

  @Override
  public void reconcile(Set<String> lost) {}
}
