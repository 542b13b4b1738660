package io.millrace.server.record;

import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.ManualEventLoops;
import java.util.List;

/** Records whose grid answers when told to, for tests of what stands before them. */
public final class IdleRecords {
  private final ManualEventLoops loops;
  private final FakeGrid grid = new FakeGrid();
  private final Records records;

  public IdleRecords(ManualEventLoops loops) {
    this(loops, InterestObserver.NONE);
  }

  public IdleRecords(ManualEventLoops loops, InterestObserver interest) {
    this.loops = loops;
    this.records =
        new Records(
            FakeGrid.NODE,
            loops.all(),
            new CountedMessages(),
            (delivered, conflated) -> {},
            (compared, repaired) -> {},
            List.of(),
            grid::store,
            interest,
            Tracing.OFF);
  }

  public Records records() {
    return records;
  }

  /** How much the grid has been asked and has not answered. */
  public int waiting() {
    return grid.requests();
  }

  /** Has the grid answer all that it was asked. */
  public void carryOut() {
    carryOut(Integer.MAX_VALUE);
  }

  /** Has the grid answer so many requests at most. */
  public void carryOut(int requests) {
    for (int i = 0; i < requests && grid.hasRequests(); i++) {
      grid.carryOutOne();
      while (grid.hasChanges()) {
        records.changed(grid.owner(), grid.takeChange());
      }
      grid.answerOne();
      loops.runAll();
    }
  }
}
