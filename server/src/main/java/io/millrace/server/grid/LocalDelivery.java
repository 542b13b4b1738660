package io.millrace.server.grid;

import io.millrace.server.record.RecordChange;
import java.util.function.Consumer;

/** Delivery where the owner and the follower are the same node. */
final class LocalDelivery implements NodeDelivery {
  private final String node;
  private final Consumer<RecordChange> changes;
  private final PendingAcks acks;

  LocalDelivery(String node, Consumer<RecordChange> changes, PendingAcks acks) {
    this.node = node;
    this.changes = changes;
    this.acks = acks;
  }

  @Override
  public void changed(String target, RecordChange change) {
    requireSelf(target);
    changes.accept(change);
  }

  @Override
  public void stored(String target, long ticket) {
    requireSelf(target);
    acks.stored(ticket);
  }

  private void requireSelf(String target) {
    if (!target.equals(node)) {
      throw new IllegalStateException("there is no link to node " + target);
    }
  }
}
