package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The one writer of a record: creates it, and patches it without waiting for answers. */
final class RecordWriter implements LoadClient.Listener {
  private static final int TIMEOUT_SECONDS = 20;

  private final RecordName name;
  private final Problems problems;
  private final LoadClient client;
  private final CountDownLatch created = new CountDownLatch(1);
  private volatile int version;

  RecordWriter(LoadClients clients, RecordName name, Problems problems) {
    this.name = name;
    this.problems = problems;
    this.client = clients.open(LoadClients.Lane.WRITERS, 1, i -> this).get(0);
  }

  /** Creates the record at version 1 and waits until that is acknowledged. */
  void create(JsonText data) {
    version = 1;
    client.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE, name, version, data, new WriteAckRequest(true, "0")));
    try {
      if (!created.await(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new LoadException(
            "the record was not created within " + TIMEOUT_SECONDS + " s " + problems.first());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  int version() {
    return version;
  }

  /** Sends the next version. Called by one thread. */
  void patch(String path, JsonText value) {
    int next = version + 1;
    version = next;
    client.send(
        new RecordRequest.Patch(RecordAction.PATCH, name, next, path, value, WriteAckRequest.NONE));
  }

  void delete() {
    client.send(new RecordRequest.Delete(name, "delete"));
  }

  @Override
  public void received(ServerMessage message) {
    switch (message) {
      case RecordPush.WriteAcknowledgement ack -> created.countDown();
      case RecordPush.DeleteSuccess deleted -> {}
      default -> problems.add("the writer got " + message.action());
    }
  }

  @Override
  public void lost(String reason) {
    problems.add("the writer: " + reason);
  }
}
