package io.millrace.server.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.net.URI;

/** Asks for records, over a socket of its own that follows none. */
public final class RecordReader implements AutoCloseable {
  public static final int MISSING = -1;

  private final ScriptedClient client;

  /** A record as READ answers it; version {@link #MISSING} if there is none. */
  public record State(int version, JsonNode data) {}

  public RecordReader(URI uri) {
    client = ScriptedClient.connect(uri).login();
  }

  public State read(String name) {
    client.send(new RecordRequest.Read(new RecordName(name)));
    ServerMessage answer =
        client.await(
            message ->
                message instanceof RecordPush.ReadResponse
                    || message.action() == RecordAction.RECORD_NOT_FOUND);
    return answer instanceof RecordPush.ReadResponse response
        ? new State(response.version(), Json.parse(response.data()).orElseThrow())
        : new State(MISSING, MissingNode.getInstance());
  }

  public int version(String name) {
    client.send(new RecordRequest.Head(new RecordName(name)));
    return client.await(RecordPush.HeadResponse.class).version();
  }

  @Override
  public void close() {
    client.close();
  }
}
