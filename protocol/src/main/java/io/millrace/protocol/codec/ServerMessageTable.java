package io.millrace.protocol.codec;

import static io.millrace.protocol.codec.MessageTable.data;
import static io.millrace.protocol.codec.MessageTable.names;
import static io.millrace.protocol.codec.MessageTable.writeAck;

import io.millrace.protocol.Action;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import org.jspecify.annotations.Nullable;

/** What a server says, to bodies. */
final class ServerMessageTable {
  static final MessageTable<ServerMessage> TABLE =
      new MessageTable<>(ServerMessage::action)
          // connection, login and complaints
          .bare(ConnectionReply.Plain.class)
          .with(ConnectionReply.Redirect.class, (m, body) -> body.putText(Field.URL, m.url()))
          .with(AuthReply.class, (m, body) -> data(body, m.data()))
          .with(
              ParserReply.class,
              (m, body) ->
                  body.putNumber(Field.ORIGINAL_TOPIC, m.originalTopic())
                      .putNumber(Field.ORIGINAL_ACTION, m.originalAction()))
          // events
          .with(
              EventPush.Ack.class,
              (m, body) ->
                  body.putFlag(Field.IS_ACK, true)
                      .putText(Field.NAME, m.name())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          .with(
              EventPush.Emit.class, (m, body) -> data(body.putText(Field.NAME, m.name()), m.data()))
          .with(
              EventPush.PatternMatch.class,
              (m, body) ->
                  body.putText(Field.NAME, m.pattern())
                      .putText(Field.SUBSCRIPTION, m.subscription()))
          .with(
              EventPush.ListenTimeout.class,
              (m, body) -> body.putText(Field.SUBSCRIPTION, m.subscription()))
          .with(
              EventPush.MultipleSubscriptions.class,
              (m, body) -> repeated(body, m.name(), m.originalAction()))
          .with(
              EventPush.Failure.class,
              (m, body) ->
                  failure(body, m.name(), m.originalAction(), m.isError())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          // records
          .with(
              RecordPush.Ack.class,
              (m, body) ->
                  names(
                      body.putFlag(Field.IS_ACK, true)
                          .putText(Field.NAME, m.name())
                          .putText(Field.CORRELATION_ID, m.correlationId()),
                      m.names()))
          .with(
              RecordPush.ReadResponse.class,
              (m, body) -> data(state(body, m.name(), m.version()), m.data()))
          .with(RecordPush.HeadResponse.class, (m, body) -> state(body, m.name(), m.version()))
          .with(RecordPush.HeadResponseBulk.class, (m, body) -> body.putVersions(m.versions()))
          .with(
              RecordPush.WriteAcknowledgement.class,
              (m, body) ->
                  body.putText(Field.NAME, m.name().value())
                      .putText(Field.CORRELATION_ID, m.correlationId())
                      .putFlag(Field.IS_WRITE_ACK, true))
          .with(
              RecordPush.DeleteSuccess.class,
              (m, body) -> body.putText(Field.NAME, m.name().value()))
          .with(RecordPush.Deleted.class, (m, body) -> body.putText(Field.NAME, m.name().value()))
          .with(
              RecordPush.Update.class,
              (m, body) -> data(state(body, m.name(), m.version()), m.data()))
          .with(
              RecordPush.Patch.class,
              (m, body) ->
                  data(state(body, m.name(), m.version()).putText(Field.PATH, m.path()), m.data()))
          .with(
              RecordPush.PatchMulti.class,
              (m, body) -> data(state(body, m.name(), m.version()), m.data()))
          .with(
              RecordPush.VersionExists.class,
              (m, body) -> {
                writeAck(body, m.ack());
                data(state(body, m.name(), m.version()), m.data());
                body.putAction(Field.ORIGINAL_ACTION, m.originalAction());
              })
          .with(
              RecordPush.Failure.class,
              (m, body) -> {
                writeAck(body, m.ack());
                failure(body, m.name(), m.originalAction(), m.isError());
                data(body.putNumber(Field.VERSION, m.version()), m.data());
              })
          .with(
              RecordPush.MultipleSubscriptions.class,
              (m, body) -> repeated(body, m.name(), m.originalAction()))
          .with(
              RecordPush.ProviderState.class,
              (m, body) -> body.putText(Field.NAME, m.name().value()))
          .with(
              RecordPush.PatternMatch.class,
              (m, body) ->
                  body.putText(Field.NAME, m.pattern())
                      .putText(Field.SUBSCRIPTION, m.subscription()))
          .with(
              RecordPush.ListenTimeout.class,
              (m, body) -> body.putText(Field.SUBSCRIPTION, m.subscription()))
          // remote procedure calls
          .with(
              RpcPush.Ack.class,
              (m, body) ->
                  body.putFlag(Field.IS_ACK, true).putText(Field.CORRELATION_ID, m.correlationId()))
          .with(
              RpcPush.Call.class,
              (m, body) -> {
                data(
                    body.putText(Field.NAME, m.name())
                        .putText(Field.CORRELATION_ID, m.correlationId()),
                    m.data());
                body.putText(Field.REQUESTOR_NAME, m.requestorName());
                body.putText(
                    Field.REQUESTOR_DATA,
                    m.requestorData() == null ? null : m.requestorData().text());
              })
          .with(
              RpcPush.Answer.class,
              (m, body) ->
                  data(
                      body.putText(Field.NAME, m.name())
                          .putText(Field.CORRELATION_ID, m.correlationId()),
                      m.data()))
          .with(
              RpcPush.MultipleProviders.class,
              (m, body) -> repeated(body, m.name(), m.originalAction()))
          .with(
              RpcPush.Failure.class,
              (m, body) ->
                  failure(body, m.name(), m.originalAction(), m.isError())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          // presence
          .with(
              PresencePush.Ack.class,
              (m, body) ->
                  body.putFlag(Field.IS_ACK, true).putText(Field.CORRELATION_ID, m.correlationId()))
          .with(PresencePush.Change.class, (m, body) -> body.putText(Field.NAME, m.user()))
          .with(
              PresencePush.QueryAllResponse.class,
              (m, body) -> body.putTexts(Field.NAMES, m.users()))
          .with(
              PresencePush.QueryResponse.class,
              (m, body) -> data(body.putText(Field.CORRELATION_ID, m.correlationId()), m.data()))
          .with(
              PresencePush.MultipleSubscriptions.class,
              (m, body) -> repeated(body, m.name(), m.originalAction()))
          .with(
              PresencePush.Failure.class,
              (m, body) ->
                  failure(body, m.name(), m.originalAction(), m.isError())
                      .putText(Field.CORRELATION_ID, m.correlationId()));

  private ServerMessageTable() {}

  /** The version is written even when it is 0 (protocol §1.5). */
  private static Body state(Body body, RecordName name, int version) {
    return body.putText(Field.NAME, name.value()).putNumber(Field.VERSION, version);
  }

  private static void repeated(Body body, String name, Action originalAction) {
    body.putText(Field.NAME, name).putAction(Field.ORIGINAL_ACTION, originalAction);
  }

  private static Body failure(
      Body body, @Nullable String name, @Nullable Action originalAction, boolean isError) {
    return body.putText(Field.NAME, name)
        .putAction(Field.ORIGINAL_ACTION, originalAction)
        .putFlagIf(Field.IS_ERROR, isError);
  }
}
