package io.millrace.server.http.sse;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecordStreamTest {
  private static final RecordName NAME = new RecordName("r");

  private final Sink sink = new Sink();
  private final List<Answer.Failed> refusals = new ArrayList<>();
  private final RecordStream stream = new RecordStream(NAME, null, false, sink, refusals::add);

  private static final class Sink implements EventSink {
    final List<String> events = new ArrayList<>();
    boolean open;
    boolean ended;

    @Override
    public void open(Runnable writable) {
      open = true;
    }

    @Override
    public void write(String event) {
      events.add(event);
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void end() {
      ended = true;
    }

    @Override
    public void closed() {}
  }

  @Test
  void lineBreaksOfTheDataDoNotEndTheEvent() {
    stream.received(new RecordPush.ReadResponse(NAME, 1, new JsonText("{\r\n\"a\":\n1}")));

    assertThat(sink.events)
        .containsExactly(
            "id: 0-1\nevent: snapshot\ndata: {\"version\":1,\"data\":{  \"a\": 1}}\n\n");
  }

  @Test
  void aMissingRecordRefusesTheStream() {
    stream.received(new RecordPush.ReadResponse(NAME, -1, JsonText.EMPTY_OBJECT));

    assertThat(refusals).containsExactly(new Answer.NotFound("r"));
    assertThat(sink.open).isFalse();
  }

  @Test
  void whoMayNotReadGetsNothing() {
    stream.received(
        RecordPush.Failure.of(RecordAction.MESSAGE_DENIED, NAME, RecordAction.SUBSCRIBEANDREAD));
    stream.received(new RecordPush.Update(NAME, 2, JsonText.EMPTY_OBJECT));

    assertThat(refusals).containsExactly(new Answer.Denied(RecordAction.SUBSCRIBEANDREAD, "r"));
    assertThat(sink.events).isEmpty();
  }

  @Test
  void aStreamThatCannotGoOnEnds() {
    stream.received(new RecordPush.ReadResponse(NAME, 1, JsonText.EMPTY_OBJECT));
    stream.received(
        RecordPush.Failure.of(RecordAction.RECORD_LOAD_ERROR, NAME, RecordAction.SUBSCRIBEANDREAD));

    assertThat(sink.ended).isTrue();
    assertThat(refusals).isEmpty();
  }

  @Test
  void whoHasTheStateIsNotSentIt() {
    RecordStream again = new RecordStream(NAME, "0-7", false, sink, refusals::add);

    again.received(new RecordPush.ReadResponse(NAME, 7, JsonText.EMPTY_OBJECT));
    again.received(new RecordPush.Patch(NAME, 8, "a\"b", null));

    assertThat(sink.events)
        .containsExactly("id: 0-8\nevent: patch\ndata: {\"version\":8,\"path\":\"a\\\"b\"}\n\n");
  }
}
