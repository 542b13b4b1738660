package io.millrace.protocol.codec;

import io.millrace.protocol.AuthReply;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.ServerMessage;

/** Bodies to what a server says. What a server never says is refused. */
final class ServerMessageReader {

  private ServerMessageReader() {}

  static ServerMessage read(Body body) {
    FieldReader fields = new FieldReader(body);
    return switch (body.layout()) {
      case RECORD -> record(Actions.RECORD.required(body), fields);
      case EVENT -> event(Actions.EVENT.required(body), fields);
      case RPC -> rpc(Actions.RPC.required(body), fields);
      case PRESENCE -> presence(Actions.PRESENCE.required(body), fields);
      case CONNECTION -> connection(Actions.CONNECTION.required(body), fields);
      case AUTH -> new AuthReply(Actions.AUTH.required(body), fields.optionalData());
      case PARSER ->
          new ParserReply(
              Actions.PARSER.required(body),
              fields.optionalNumber(Field.ORIGINAL_TOPIC),
              fields.optionalNumber(Field.ORIGINAL_ACTION));
    };
  }

  private static ConnectionReply connection(ConnectionAction action, FieldReader fields) {
    return action == ConnectionAction.REDIRECT
        ? new ConnectionReply.Redirect(fields.required(Field.URL))
        : new ConnectionReply.Plain(action);
  }

  private static EventPush event(EventAction action, FieldReader fields) {
    if (fields.isAck()) {
      return new EventPush.Ack(action, fields.optionalName(), fields.optionalCorrelationId());
    }
    return switch (action) {
      case EMIT -> new EventPush.Emit(fields.name(), fields.optionalData());
      case SUBSCRIPTION_FOR_PATTERN_FOUND, SUBSCRIPTION_FOR_PATTERN_REMOVED ->
          new EventPush.PatternMatch(action, fields.name(), fields.subscription());
      case LISTEN_RESPONSE_TIMEOUT -> new EventPush.ListenTimeout(fields.subscription());
      case MULTIPLE_SUBSCRIPTIONS ->
          new EventPush.MultipleSubscriptions(
              fields.name(), Actions.EVENT.requiredOriginal(fields.body()));
      case ERROR,
          INVALID_LISTEN_REGEX,
          LISTEN_UNSUCCESSFUL,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          NOT_SUBSCRIBED ->
          new EventPush.Failure(
              action,
              fields.optionalName(),
              Actions.EVENT.original(fields.body()),
              fields.isError(),
              fields.optionalCorrelationId());
      case SUBSCRIBE,
          UNSUBSCRIBE,
          LISTEN,
          UNLISTEN,
          LISTEN_ACCEPT,
          LISTEN_REJECT,
          SUBSCRIPTION_HAS_PROVIDER,
          SUBSCRIPTION_HAS_NO_PROVIDER ->
          throw Refusal.wrongDirection();
    };
  }

  private static RecordPush record(RecordAction action, FieldReader fields) {
    if (fields.isAck()) {
      return new RecordPush.Ack(
          action, fields.optionalName(), fields.recordNames(), fields.optionalCorrelationId());
    }
    return switch (action) {
      case PATCH ->
          new RecordPush.Patch(
              fields.recordName(),
              fields.version(),
              fields.required(Field.PATH),
              fields.optionalData());
      case UPDATE -> new RecordPush.Update(fields.recordName(), fields.version(), fields.data());
      case PATCH_MULTI ->
          new RecordPush.PatchMulti(fields.recordName(), fields.version(), fields.data());
      case READ_RESPONSE ->
          new RecordPush.ReadResponse(fields.recordName(), fields.version(), fields.data());
      case HEAD_RESPONSE -> new RecordPush.HeadResponse(fields.recordName(), fields.version());
      case HEAD_RESPONSE_BULK -> new RecordPush.HeadResponseBulk(fields.versions());
      case WRITE_ACKNOWLEDGEMENT ->
          new RecordPush.WriteAcknowledgement(fields.recordName(), fields.optionalCorrelationId());
      case DELETE_SUCCESS -> new RecordPush.DeleteSuccess(fields.recordName());
      case DELETED -> new RecordPush.Deleted(fields.recordName());
      case VERSION_EXISTS ->
          new RecordPush.VersionExists(
              fields.recordName(),
              fields.version(),
              fields.optionalData(),
              Actions.RECORD.requiredOriginal(fields.body()),
              fields.writeAck());
      case MULTIPLE_SUBSCRIPTIONS ->
          new RecordPush.MultipleSubscriptions(
              fields.name(), Actions.RECORD.requiredOriginal(fields.body()));
      case SUBSCRIPTION_HAS_PROVIDER, SUBSCRIPTION_HAS_NO_PROVIDER ->
          new RecordPush.ProviderState(action, fields.recordName());
      case SUBSCRIPTION_FOR_PATTERN_FOUND, SUBSCRIPTION_FOR_PATTERN_REMOVED ->
          new RecordPush.PatternMatch(action, fields.name(), fields.subscription());
      case LISTEN_RESPONSE_TIMEOUT -> new RecordPush.ListenTimeout(fields.subscription());
      case ERROR,
          CACHE_RETRIEVAL_TIMEOUT,
          STORAGE_RETRIEVAL_TIMEOUT,
          RECORD_LOAD_ERROR,
          RECORD_CREATE_ERROR,
          RECORD_UPDATE_ERROR,
          RECORD_DELETE_ERROR,
          RECORD_NOT_FOUND,
          INVALID_VERSION,
          INVALID_PATCH_ON_HOTPATH,
          INVALID_LISTEN_REGEX,
          LISTEN_UNSUCCESSFUL,
          RECORD_NOTIFY_ERROR,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          INVALID_MESSAGE_DATA,
          NOT_SUBSCRIBED ->
          new RecordPush.Failure(
              action,
              fields.optionalName(),
              Actions.RECORD.original(fields.body()),
              fields.isError(),
              fields.writeAck(),
              fields.optionalNumber(Field.VERSION),
              fields.optionalData());
      case NOTIFY,
          READ,
          HEAD,
          HEAD_BULK,
          DELETE,
          DELETE_BULK,
          DELETE_BULK_SUCCESS,
          CREATE,
          CREATEANDUPDATE,
          CREATEANDPATCH,
          ERASE,
          SUBSCRIBEANDHEAD,
          SUBSCRIBEANDREAD,
          SUBSCRIBECREATEANDREAD,
          SUBSCRIBECREATEANDUPDATE,
          SUBSCRIBE,
          UNSUBSCRIBE,
          LISTEN,
          UNLISTEN,
          LISTEN_ACCEPT,
          LISTEN_REJECT ->
          throw Refusal.wrongDirection();
    };
  }

  private static RpcPush rpc(RpcAction action, FieldReader fields) {
    if (fields.isAck()) {
      return new RpcPush.Ack(action, fields.optionalCorrelationId());
    }
    return switch (action) {
      case REQUEST ->
          new RpcPush.Call(
              fields.name(),
              fields.correlationId(),
              fields.optionalData(),
              fields.body().text(Field.REQUESTOR_NAME),
              fields.optionalJson(Field.REQUESTOR_DATA));
      case ACCEPT, RESPONSE, REQUEST_ERROR ->
          new RpcPush.Answer(action, fields.name(), fields.correlationId(), fields.optionalData());
      case MULTIPLE_PROVIDERS ->
          new RpcPush.MultipleProviders(fields.name(), Actions.RPC.requiredOriginal(fields.body()));
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
          NOT_PROVIDED ->
          new RpcPush.Failure(
              action,
              fields.optionalName(),
              fields.optionalCorrelationId(),
              Actions.RPC.original(fields.body()),
              fields.isError());
      case REJECT, PROVIDE, UNPROVIDE -> throw Refusal.wrongDirection();
    };
  }

  private static PresencePush presence(PresenceAction action, FieldReader fields) {
    if (fields.isAck()) {
      return new PresencePush.Ack(action, fields.optionalCorrelationId());
    }
    return switch (action) {
      case PRESENCE_JOIN, PRESENCE_JOIN_ALL, PRESENCE_LEAVE, PRESENCE_LEAVE_ALL ->
          new PresencePush.Change(action, fields.name());
      case QUERY_ALL_RESPONSE -> new PresencePush.QueryAllResponse(fields.names());
      case QUERY_RESPONSE ->
          new PresencePush.QueryResponse(fields.optionalCorrelationId(), fields.data());
      case MULTIPLE_SUBSCRIPTIONS ->
          new PresencePush.MultipleSubscriptions(
              fields.name(), Actions.PRESENCE.requiredOriginal(fields.body()));
      case ERROR,
          INVALID_PRESENCE_USERS,
          MESSAGE_PERMISSION_ERROR,
          MESSAGE_DENIED,
          NOT_SUBSCRIBED ->
          new PresencePush.Failure(
              action,
              fields.optionalName(),
              Actions.PRESENCE.original(fields.body()),
              fields.isError(),
              fields.optionalCorrelationId());
      case QUERY_ALL, QUERY, SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBE_ALL, UNSUBSCRIBE_ALL ->
          throw Refusal.wrongDirection();
    };
  }
}
