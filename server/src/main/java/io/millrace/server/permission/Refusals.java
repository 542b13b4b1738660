package io.millrace.server.permission;

import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import org.jspecify.annotations.Nullable;

/** What a client is told when it may not do something (protocol §1.9). */
final class Refusals {

  /** Why, as the wire says it. */
  enum Reason {
    DENIED,
    PERMISSION_ERROR,
    INVALID_DATA
  }

  private Refusals() {}

  /**
   * @param name the one that is refused; null when the request names none
   */
  static ServerMessage of(ClientMessage message, @Nullable String name, Reason reason) {
    return switch (message) {
      case RecordRequest request ->
          new RecordPush.Failure(
              switch (reason) {
                case DENIED -> RecordAction.MESSAGE_DENIED;
                case PERMISSION_ERROR -> RecordAction.MESSAGE_PERMISSION_ERROR;
                case INVALID_DATA -> RecordAction.INVALID_MESSAGE_DATA;
              },
              name,
              request.action(),
              true,
              ack(request),
              null,
              null);
      case EventRequest request ->
          new EventPush.Failure(
              switch (reason) {
                case DENIED -> EventAction.MESSAGE_DENIED;
                case PERMISSION_ERROR -> EventAction.MESSAGE_PERMISSION_ERROR;
                case INVALID_DATA -> EventAction.INVALID_MESSAGE_DATA;
              },
              name,
              request.action(),
              true,
              request instanceof EventRequest.Bulk bulk ? bulk.correlationId() : null);
      case RpcRequest request ->
          new RpcPush.Failure(
              switch (reason) {
                case DENIED -> RpcAction.MESSAGE_DENIED;
                case PERMISSION_ERROR -> RpcAction.MESSAGE_PERMISSION_ERROR;
                case INVALID_DATA -> RpcAction.INVALID_MESSAGE_DATA;
              },
              name,
              correlationId(request),
              request.action(),
              true);
      case PresenceRequest request ->
          new PresencePush.Failure(
              reason == Reason.DENIED
                  ? PresenceAction.MESSAGE_DENIED
                  : PresenceAction.MESSAGE_PERMISSION_ERROR,
              name,
              request.action(),
              true,
              request instanceof PresenceRequest.Named named ? named.correlationId() : null);
      case ConnectionRequest request -> throw needsNone(request);
      case AuthRequest request -> throw needsNone(request);
    };
  }

  private static WriteAckRequest ack(RecordRequest request) {
    return switch (request) {
      case RecordRequest.Write write -> write.ack();
      case RecordRequest.Bulk bulk -> new WriteAckRequest(false, bulk.correlationId());
      case RecordRequest.Notify notify -> new WriteAckRequest(false, notify.correlationId());
      case RecordRequest.Delete delete -> new WriteAckRequest(false, delete.correlationId());
      case RecordRequest.Read read -> WriteAckRequest.NONE;
      case RecordRequest.Head head -> WriteAckRequest.NONE;
      case RecordRequest.Listen listen -> WriteAckRequest.NONE;
      case RecordRequest.ListenAnswer answer -> WriteAckRequest.NONE;
      case RecordRequest.Unexpected unexpected -> WriteAckRequest.NONE;
    };
  }

  private static @Nullable String correlationId(RpcRequest request) {
    return switch (request) {
      case RpcRequest.Bulk bulk -> bulk.correlationId();
      case RpcRequest.Call call -> call.correlationId();
      case RpcRequest.Answer answer -> answer.correlationId();
      case RpcRequest.Unexpected unexpected -> null;
    };
  }

  private static IllegalStateException needsNone(ClientMessage message) {
    return new IllegalStateException(message.action() + " needs no permission");
  }
}
