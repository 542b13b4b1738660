package io.millrace.server.grid;

import io.millrace.server.record.RecordChange;

/**
 * Port: from an owner to the nodes that follow a record or wait for it to be stored. What one
 * thread hands over for one node arrives there in that order. Never blocks; called on partition
 * threads.
 */
interface NodeDelivery {
  void changed(String node, RecordChange change);

  void stored(String node, long ticket);
}
