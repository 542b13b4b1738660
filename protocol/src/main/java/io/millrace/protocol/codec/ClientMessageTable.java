package io.millrace.protocol.codec;

import static io.millrace.protocol.codec.MessageTable.data;
import static io.millrace.protocol.codec.MessageTable.names;
import static io.millrace.protocol.codec.MessageTable.writeAck;

import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcRequest;

/** What a client says, to bodies. */
final class ClientMessageTable {
  static final MessageTable<ClientMessage> TABLE =
      new MessageTable<>(ClientMessage::action)
          // connection and login
          .bare(ConnectionRequest.Ping.class)
          .with(
              ConnectionRequest.Challenge.class,
              (m, body) ->
                  body.putText(Field.URL, m.url())
                      .putText(Field.PROTOCOL_VERSION, m.protocolVersion())
                      .putText(Field.SDK_VERSION, m.sdkVersion())
                      .putText(Field.SDK_TYPE, m.sdkType()))
          .bare(ConnectionRequest.Unexpected.class)
          .with(AuthRequest.Login.class, (m, body) -> data(body, m.data()))
          .bare(AuthRequest.Unexpected.class)
          // events
          .with(
              EventRequest.Bulk.class,
              (m, body) ->
                  body.putTexts(Field.NAMES, m.names())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          .with(
              EventRequest.Emit.class,
              (m, body) -> data(body.putText(Field.NAME, m.name()), m.data()))
          .with(EventRequest.Listen.class, (m, body) -> body.putText(Field.NAME, m.pattern()))
          .with(
              EventRequest.ListenAnswer.class,
              (m, body) ->
                  body.putText(Field.NAME, m.pattern())
                      .putText(Field.SUBSCRIPTION, m.subscription()))
          .bare(EventRequest.Unexpected.class)
          // records
          .with(
              RecordRequest.Bulk.class,
              (m, body) -> names(body.putText(Field.CORRELATION_ID, m.correlationId()), m.names()))
          .with(
              RecordRequest.Notify.class,
              (m, body) -> names(body.putText(Field.CORRELATION_ID, m.correlationId()), m.names()))
          .with(RecordRequest.Read.class, (m, body) -> body.putText(Field.NAME, m.name().value()))
          .with(RecordRequest.Head.class, (m, body) -> body.putText(Field.NAME, m.name().value()))
          .with(
              RecordRequest.Delete.class,
              (m, body) ->
                  body.putText(Field.NAME, m.name().value())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          .with(RecordRequest.Update.class, (m, body) -> data(write(m, body), m.data()))
          .with(
              RecordRequest.Patch.class,
              (m, body) -> data(write(m, body).putText(Field.PATH, m.path()), m.data()))
          .with(RecordRequest.PatchMulti.class, (m, body) -> data(write(m, body), m.data()))
          .with(RecordRequest.Listen.class, (m, body) -> body.putText(Field.NAME, m.pattern()))
          .with(
              RecordRequest.ListenAnswer.class,
              (m, body) ->
                  body.putText(Field.NAME, m.pattern())
                      .putText(Field.SUBSCRIPTION, m.subscription()))
          .bare(RecordRequest.Unexpected.class)
          // remote procedure calls
          .with(
              RpcRequest.Bulk.class,
              (m, body) ->
                  body.putTexts(Field.NAMES, m.names())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          .with(
              RpcRequest.Call.class,
              (m, body) ->
                  data(
                      body.putText(Field.NAME, m.name())
                          .putText(Field.CORRELATION_ID, m.correlationId()),
                      m.data()))
          .with(
              RpcRequest.Answer.class,
              (m, body) ->
                  data(
                      body.putText(Field.NAME, m.name())
                          .putText(Field.CORRELATION_ID, m.correlationId()),
                      m.data()))
          .bare(RpcRequest.Unexpected.class)
          // presence
          .with(
              PresenceRequest.Named.class,
              (m, body) ->
                  body.putTexts(Field.NAMES, m.names())
                      .putText(Field.CORRELATION_ID, m.correlationId()))
          .bare(PresenceRequest.Everybody.class)
          .bare(PresenceRequest.Unexpected.class);

  private ClientMessageTable() {}

  private static Body write(RecordRequest.Write write, Body body) {
    writeAck(body, write.ack());
    return body.putText(Field.NAME, write.name().value()).putNumber(Field.VERSION, write.version());
  }
}
