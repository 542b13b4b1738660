package io.millrace.server.http.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RepliesTest {
  private static final RecordName NAME = new RecordName("r");
  private static final RecordName OTHER = new RecordName("other");
  private static final JsonText DATA = new JsonText("{\"a\":1}");

  @Test
  void aReadIsAnsweredByItsRecordOnly() {
    ClientMessage read = Requests.read(NAME);

    assertThat(Replies.read(read, new RecordPush.ReadResponse(NAME, 3, DATA)))
        .contains(new Answer.State(3, DATA));
    assertThat(Replies.read(read, new RecordPush.ReadResponse(OTHER, 3, DATA))).isEmpty();
    assertThat(
            Replies.read(
                read,
                RecordPush.Failure.of(RecordAction.RECORD_NOT_FOUND, NAME, RecordAction.READ)))
        .contains(new Answer.NotFound("r"));
    assertThat(
            Replies.read(
                read,
                RecordPush.Failure.of(RecordAction.RECORD_NOT_FOUND, OTHER, RecordAction.READ)))
        .isEmpty();
  }

  @Test
  void aWriteIsAnsweredByItsCorrelationIdOnly() {
    RecordRequest.Write write = (RecordRequest.Write) Requests.put(NAME, 5, DATA);
    WriteAckRequest foreign = new WriteAckRequest(true, "foreign");

    assertThat(
            Replies.read(
                write, new RecordPush.WriteAcknowledgement(NAME, write.ack().correlationId())))
        .contains(new Answer.Done());
    assertThat(Replies.read(write, new RecordPush.WriteAcknowledgement(NAME, "foreign"))).isEmpty();
    assertThat(
            Replies.read(
                write,
                new RecordPush.VersionExists(NAME, 7, DATA, RecordAction.UPDATE, write.ack())))
        .contains(new Answer.Conflict("r", 5, 7, false));
    assertThat(
            Replies.read(
                write, new RecordPush.VersionExists(NAME, 7, DATA, RecordAction.UPDATE, foreign)))
        .isEmpty();
    assertThat(
            Replies.read(
                write,
                new RecordPush.Failure(
                    RecordAction.INVALID_VERSION,
                    "r",
                    RecordAction.UPDATE,
                    true,
                    write.ack(),
                    2,
                    null)))
        .contains(new Answer.Conflict("r", 5, 2, true));
    assertThat(
            Replies.read(
                write,
                new RecordPush.Failure(
                    RecordAction.RECORD_UPDATE_ERROR, "r", null, true, foreign, null, null)))
        .isEmpty();
  }

  @Test
  void aCallIsOverWhenTheProviderRespondsAndNotWhenItAccepts() {
    RpcRequest.Call call = (RpcRequest.Call) Requests.call("p", null);
    String id = call.correlationId();

    assertThat(Replies.read(call, new RpcPush.Answer(RpcAction.ACCEPT, "p", id, null))).isEmpty();
    assertThat(Replies.read(call, new RpcPush.Answer(RpcAction.RESPONSE, "p", "x", DATA)))
        .isEmpty();
    assertThat(Replies.read(call, new RpcPush.Answer(RpcAction.RESPONSE, "p", id, DATA)))
        .contains(new Answer.Result(DATA));
    assertThat(Replies.read(call, new RpcPush.Answer(RpcAction.REQUEST_ERROR, "p", id, DATA)))
        .contains(new Answer.ProviderError(DATA));
    assertThat(
            Replies.read(call, new RpcPush.Failure(RpcAction.NO_RPC_PROVIDER, "p", id, null, true)))
        .contains(new Answer.NoProvider("p"));
    assertThat(
            Replies.read(
                call, new RpcPush.Failure(RpcAction.RESPONSE_TIMEOUT, "p", id, null, true)))
        .contains(new Answer.ProviderTimeout(RpcAction.RESPONSE_TIMEOUT, "p"));
    assertThat(
            Replies.read(
                call, new RpcPush.Failure(RpcAction.NO_RPC_PROVIDER, "p", "x", null, true)))
        .isEmpty();
  }

  @Test
  void presenceIsAnsweredAsItWasAsked() {
    assertThat(
            Replies.read(Requests.whoIsOnline(), new PresencePush.QueryAllResponse(List.of("u"))))
        .contains(new Answer.Online(List.of("u")));
    assertThat(
            Replies.read(
                Requests.areOnline(List.of("u")), new PresencePush.QueryResponse("x", DATA)))
        .isEmpty();
  }

  @Test
  void whatIsNotServedIsRefused() {
    ParserReply reply = new ParserReply(ParserAction.UNKNOWN_ACTION, 5, 3);

    assertThat(Replies.read(Requests.read(NAME), reply))
        .contains(new Answer.Refused(ParserAction.UNKNOWN_ACTION, "r"));
  }
}
