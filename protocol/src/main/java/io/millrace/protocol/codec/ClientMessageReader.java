package io.millrace.protocol.codec;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** Bodies to what a client says. Every action is listed, so that a new one is not forgotten. */
final class ClientMessageReader {

  private ClientMessageReader() {}

  static ClientMessage read(Body body) {
    FieldReader fields = new FieldReader(body);
    return switch (body.layout()) {
      case RECORD -> record(Actions.RECORD.required(body), fields);
      case EVENT -> event(Actions.EVENT.required(body), fields);
      case RPC -> rpc(Actions.RPC.required(body), fields);
      case PRESENCE -> presence(Actions.PRESENCE.required(body), fields);
      case CONNECTION -> connection(Actions.CONNECTION.required(body), body);
      case AUTH -> auth(Actions.AUTH.required(body), fields);
      case PARSER -> throw Refusal.unknownTopic(body.layout().topic().number());
    };
  }

  private static ConnectionRequest connection(ConnectionAction action, Body body) {
    return switch (action) {
      case PING -> new ConnectionRequest.Ping();
      case CHALLENGE ->
          new ConnectionRequest.Challenge(
              body.text(Field.URL),
              body.text(Field.PROTOCOL_VERSION),
              body.text(Field.SDK_VERSION),
              body.text(Field.SDK_TYPE));
      case ERROR,
          PONG,
          ACCEPT,
          REJECT,
          REDIRECT,
          CLOSING,
          CLOSED,
          AUTHENTICATION_TIMEOUT,
          INVALID_MESSAGE ->
          new ConnectionRequest.Unexpected(action);
    };
  }

  private static AuthRequest auth(AuthAction action, FieldReader fields) {
    return switch (action) {
      case REQUEST -> new AuthRequest.Login(fields.optionalData());
      case ERROR,
          AUTH_SUCCESSFUL,
          AUTH_UNSUCCESSFUL,
          TOO_MANY_AUTH_ATTEMPTS,
          INVALID_MESSAGE,
          INVALID_MESSAGE_DATA ->
          new AuthRequest.Unexpected(action);
    };
  }

  private static EventRequest event(EventAction action, FieldReader fields) {
    return switch (action) {
      case SUBSCRIBE, UNSUBSCRIBE ->
          new EventRequest.Bulk(action, fields.names(), fields.optionalCorrelationId());
      case EMIT -> new EventRequest.Emit(fields.name(), fields.optionalData());
      case LISTEN, UNLISTEN -> new EventRequest.Listen(action, fields.name());
      case LISTEN_ACCEPT, LISTEN_REJECT ->
          new EventRequest.ListenAnswer(action, fields.name(), fields.subscription());
      case ERROR,
          SUBSCRIPTION_HAS_PROVIDER,
          SUBSCRIPTION_HAS_NO_PROVIDER,
          SUBSCRIPTION_FOR_PATTERN_FOUND,
          SUBSCRIPTION_FOR_PATTERN_REMOVED,
          INVALID_LISTEN_REGEX,
          LISTEN_RESPONSE_TIMEOUT,
          LISTEN_UNSUCCESSFUL,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          new EventRequest.Unexpected(action);
    };
  }

  private static RecordRequest record(RecordAction action, FieldReader fields) {
    return switch (action) {
      case PATCH, CREATEANDPATCH -> patch(action, fields, fields.optionalData());
      case ERASE -> patch(action, fields, null);
      case UPDATE, CREATEANDUPDATE ->
          new RecordRequest.Update(
              action,
              fields.recordName(),
              fields.body().number(Field.VERSION, 0),
              fields.optionalData(),
              fields.writeAck());
      case PATCH_MULTI ->
          new RecordRequest.PatchMulti(
              fields.recordName(),
              fields.body().number(Field.VERSION, 0),
              fields.optionalData(),
              fields.writeAck());
      case SUBSCRIBE, SUBSCRIBEANDHEAD, SUBSCRIBEANDREAD, SUBSCRIBECREATEANDREAD, UNSUBSCRIBE ->
          new RecordRequest.Bulk(action, fields.recordNames(), fields.optionalCorrelationId());
      case NOTIFY -> new RecordRequest.Notify(fields.recordNames(), fields.optionalCorrelationId());
      case READ -> new RecordRequest.Read(fields.recordName());
      case HEAD -> new RecordRequest.Head(fields.recordName());
      case DELETE -> new RecordRequest.Delete(fields.recordName(), fields.optionalCorrelationId());
      case LISTEN, UNLISTEN -> new RecordRequest.Listen(action, fields.name());
      case LISTEN_ACCEPT, LISTEN_REJECT ->
          new RecordRequest.ListenAnswer(action, fields.name(), fields.subscription());
      case ERROR,
          READ_RESPONSE,
          HEAD_RESPONSE,
          HEAD_BULK,
          HEAD_RESPONSE_BULK,
          DELETE_SUCCESS,
          DELETE_BULK,
          DELETE_BULK_SUCCESS,
          DELETED,
          WRITE_ACKNOWLEDGEMENT,
          CREATE,
          SUBSCRIBECREATEANDUPDATE,
          SUBSCRIPTION_HAS_PROVIDER,
          SUBSCRIPTION_HAS_NO_PROVIDER,
          SUBSCRIPTION_FOR_PATTERN_FOUND,
          SUBSCRIPTION_FOR_PATTERN_REMOVED,
          CACHE_RETRIEVAL_TIMEOUT,
          STORAGE_RETRIEVAL_TIMEOUT,
          VERSION_EXISTS,
          RECORD_LOAD_ERROR,
          RECORD_CREATE_ERROR,
          RECORD_UPDATE_ERROR,
          RECORD_DELETE_ERROR,
          RECORD_NOT_FOUND,
          INVALID_VERSION,
          INVALID_PATCH_ON_HOTPATH,
          INVALID_LISTEN_REGEX,
          LISTEN_RESPONSE_TIMEOUT,
          LISTEN_UNSUCCESSFUL,
          RECORD_NOTIFY_ERROR,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          new RecordRequest.Unexpected(action);
    };
  }

  private static RecordRequest patch(
      RecordAction action, FieldReader fields, @Nullable JsonText data) {
    return new RecordRequest.Patch(
        action,
        fields.recordName(),
        fields.body().number(Field.VERSION, 0),
        fields.body().text(Field.PATH),
        data,
        fields.writeAck());
  }

  private static RpcRequest rpc(RpcAction action, FieldReader fields) {
    return switch (action) {
      case PROVIDE, UNPROVIDE ->
          new RpcRequest.Bulk(action, fields.names(), fields.optionalCorrelationId());
      case REQUEST ->
          new RpcRequest.Call(fields.name(), fields.correlationId(), fields.optionalData());
      case ACCEPT, REJECT, RESPONSE, REQUEST_ERROR ->
          new RpcRequest.Answer(
              action, fields.name(), fields.correlationId(), fields.optionalData());
      case ERROR,
          NO_RPC_PROVIDER,
          ACCEPT_TIMEOUT,
          MULTIPLE_ACCEPT,
          INVALID_RPC_CORRELATION_ID,
          RESPONSE_TIMEOUT,
          MULTIPLE_RESPONSE,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          MULTIPLE_PROVIDERS,
          NOT_PROVIDED ->
          new RpcRequest.Unexpected(action);
    };
  }

  private static PresenceRequest presence(PresenceAction action, FieldReader fields) {
    return switch (action) {
      case SUBSCRIBE, UNSUBSCRIBE, QUERY ->
          new PresenceRequest.Named(action, fields.names(), fields.optionalCorrelationId());
      case SUBSCRIBE_ALL, UNSUBSCRIBE_ALL, QUERY_ALL -> new PresenceRequest.Everybody(action);
      case ERROR,
          QUERY_ALL_RESPONSE,
          QUERY_RESPONSE,
          PRESENCE_JOIN,
          PRESENCE_JOIN_ALL,
          PRESENCE_LEAVE,
          PRESENCE_LEAVE_ALL,
          INVALID_PRESENCE_USERS,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          MULTIPLE_SUBSCRIPTIONS,
          NOT_SUBSCRIBED ->
          new PresenceRequest.Unexpected(action);
    };
  }
}
