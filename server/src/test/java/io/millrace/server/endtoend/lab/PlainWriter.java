package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.endtoend.lab.History.Attempt;
import io.millrace.server.endtoend.lab.History.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes without wanting to know what becomes of it, much at once. What went out on an open socket
 * counts as acknowledged, so only for nodes that end in good order.
 */
final class PlainWriter extends Client {

  /** More than a node begins at once for one client. */
  private static final int BURST = 200;

  private static final long PAUSE_NS = 1_000_000_000;

  private final List<String> records;
  private final List<Attempt> wentOutAll = new ArrayList<>();
  private volatile boolean done;
  private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::write);
  private int number;
  private volatile int sent;

  PlainWriter(String name, TestCluster cluster, int node, List<String> records, History history) {
    super(name, cluster, node, history);
    this.records = records;
  }

  void beginToWrite() {
    begin();
    thread.start();
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
    if (wentOut) {
      wentOutAll.add(attempt);
      sent++;
    } else {
      history().end(attempt, Result.UNKNOWN);
    }
  }

  @Override
  void connected() {}

  @Override
  void received(ServerMessage message) {
    history().fault(name() + " was sent " + message, "?");
  }

  /** Sends nothing more; nobody knows when any of it was carried out, but now it has to be. */
  void finish() throws InterruptedException {
    done = true;
    thread.join();
    wentOutAll.forEach(attempt -> history().end(attempt, Result.ACKED));
  }

  int sent() {
    return sent;
  }
}
