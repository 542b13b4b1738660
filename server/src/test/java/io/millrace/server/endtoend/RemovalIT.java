package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Removing what is there, what is there no more, and what never was; with storage. */
@Timeout(300)
final class RemovalIT {
  private static final RecordName NAME = new RecordName("r");

  @TempDir private Path directory;

  @Test
  void aRecordThatNeverWasIsRemoved() {
    try (TestServer server = start();
        ScriptedClient client = server.client()) {
      remove(client, NAME);
      remove(client, NAME);
    }
  }

  @Test
  void aRemovedRecordIsRemovedAgainAndStaysSo() {
    try (TestServer server = start();
        ScriptedClient client = server.client();
        ScriptedClient other = server.client()) {
      client.send(
          new RecordRequest.Update(
              RecordAction.CREATEANDUPDATE,
              NAME,
              -1,
              JsonText.EMPTY_OBJECT,
              new WriteAckRequest(true, "1")));
      client.await(RecordPush.WriteAcknowledgement.class);
      remove(client, NAME);
      remove(other, NAME);
    }
    try (TestServer server = start();
        ScriptedClient client = server.client()) {
      remove(client, NAME);
      client.send(new RecordRequest.Head(NAME));
      assertThat(client.await(RecordPush.HeadResponse.class).version()).isEqualTo(-1);
    }
  }

  private TestServer start() {
    return TestServer.with().sqlite(directory.resolve("millrace.db")).start();
  }

  private static void remove(ScriptedClient client, RecordName name) {
    client.send(new RecordRequest.Delete(name, null));
    assertThat(client.await(RecordPush.class)).isEqualTo(new RecordPush.DeleteSuccess(name));
  }
}
