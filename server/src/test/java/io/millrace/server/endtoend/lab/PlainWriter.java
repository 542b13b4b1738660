package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.lab.History.Attempt;
import io.millrace.server.endtoend.lab.History.Result;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes without wanting to know what becomes of it, much at once. What went out on an open socket
 * counts as acknowledged, so only for nodes that end in good order.
 */
final class PlainWriter extends Client {

  /** More than a node begins at once for one client. */
  private static final int BURST = 200;

  private static final long PAUSE_NS = 300_000_000;

  private final List<String> records;
  private volatile boolean done;
  private int number;
  private volatile int sent;

  PlainWriter(String name, TestCluster cluster, int node, List<String> records, History history) {
    super(name, cluster, node, history);
    this.records = records;
  }

  void beginToWrite() {
    begin();
    Thread.ofPlatform().daemon().name(name()).start(this::write);
  }

  private void write() {
    while (!done && !isClosed()) {
      for (int i = 0; i < BURST && isConnected(); i++) {
        write(records.get(number % records.size()), name() + "-" + number++);
      }
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  /** Only one thread writes. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void write(String record, String value) {
    Attempt attempt = history().begin(record, "p" + value, value);
    boolean wentOut =
        send(
            new RecordRequest.Patch(
                RecordAction.CREATEANDPATCH,
                new RecordName(record),
                -1,
                "p" + value,
                new JsonText('"' + value + '"'),
                WriteAckRequest.NONE));
    history().end(attempt, wentOut ? Result.ACKED : Result.UNKNOWN);
    sent += wentOut ? 1 : 0;
  }

  @Override
  void connected() {}

  @Override
  void received(ServerMessage message) {
    history().fault(name() + " was sent " + message, "?");
  }

  void finish() {
    done = true;
  }

  int sent() {
    return sent;
  }
}
