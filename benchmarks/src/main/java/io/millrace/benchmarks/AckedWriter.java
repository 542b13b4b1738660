package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * One of {@link Writes}: sends the next patch when one is acknowledged. Its patches are to be
 * acknowledged in the order in which they were sent. Confined to the writers' thread.
 */
final class AckedWriter implements LoadClient.Listener {
  private final RecordName name;
  private final Writes.Settings settings;
  private final Writes run;
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private @Nullable LoadClient client;
  private int version;

  private record Sent(String correlationId, long atNs) {}

  AckedWriter(String name, Writes.Settings settings, Writes run) {
    this.name = new RecordName(name);
    this.settings = settings;
    this.run = run;
  }

  /** Creates the record; when that is acknowledged, the patches begin. */
  void start(LoadClient socket) {
    client = socket;
    version = 1;
    socket.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE,
            name,
            version,
            SeatRecords.record(settings.seats()),
            sent()));
  }

  void delete() {
    if (client != null) {
      client.send(new RecordRequest.Delete(name, "delete"));
    }
  }

  long inFlight() {
    return inFlight.size();
  }

  @Override
  public void received(ServerMessage message) {
    switch (message) {
      case RecordPush.WriteAcknowledgement ack -> acknowledged(ack);
      case RecordPush.DeleteSuccess deleted -> {}
      default -> run.problem("a writer got " + message.action());
    }
  }

  @Override
  public void lost(String reason) {
    run.problem("a writer: " + reason);
  }

  private void acknowledged(RecordPush.WriteAcknowledgement ack) {
    Sent sent = take(ack.correlationId());
    if (sent == null) {
      run.problem("an acknowledgement that nothing waits for");
      return;
    }
    boolean created = version > 1;
    if (created) {
      run.acknowledged(System.nanoTime() - sent.atNs());
    }
    while (!run.isStopping() && inFlight.size() < settings.depth()) {
      patch();
    }
  }

  private @Nullable Sent take(@Nullable String correlationId) {
    Sent first = inFlight.peek();
    if (first != null && !first.correlationId().equals(correlationId)) {
      run.problem("an acknowledgement out of order");
    }
    for (Iterator<Sent> each = inFlight.iterator(); each.hasNext(); ) {
      Sent sent = each.next();
      if (sent.correlationId().equals(correlationId)) {
        each.remove();
        return sent;
      }
    }
    return null;
  }

  private void patch() {
    version++;
    if (client != null) {
      client.send(
          new RecordRequest.Patch(
              RecordAction.PATCH,
              name,
              version,
              SeatRecords.path(version % settings.seats()),
              SeatRecords.seat(version),
              sent()));
    }
  }

  private WriteAckRequest sent() {
    String correlationId = Integer.toString(version);
    inFlight.add(new Sent(correlationId, System.nanoTime()));
    return new WriteAckRequest(true, correlationId);
  }
}
