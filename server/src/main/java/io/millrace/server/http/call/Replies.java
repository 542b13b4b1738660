package io.millrace.server.http.call;

import io.millrace.protocol.Action;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.ParserReply;
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
import io.millrace.protocol.value.RecordName;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which messages answer a request, and what they come to. */
public final class Replies {

  private Replies() {}

  /** What the message says about the request, or empty if it is not an answer to it. */
  static Optional<Answer> read(ClientMessage request, ServerMessage reply) {
    return switch (reply) {
      case RecordPush push when request instanceof RecordRequest record -> read(record, push);
      case EventPush.Failure failure when request instanceof EventRequest.Emit emit ->
          Optional.of(failed(failure.action(), emit.action(), emit.name()));
      case RpcPush push when request instanceof RpcRequest.Call call -> read(call, push);
      case PresencePush push when request instanceof PresenceRequest asked -> read(asked, push);
      // What a node does not serve, it answers like this.
      case ParserReply parser -> Optional.of(new Answer.Refused(parser.action(), nameOf(request)));
      case RecordPush other -> Optional.empty();
      case EventPush other -> Optional.empty();
      case RpcPush other -> Optional.empty();
      case PresencePush other -> Optional.empty();
      case ConnectionReply other -> Optional.empty();
      case AuthReply other -> Optional.empty();
    };
  }

  /** What a failure comes to, when it is about the one record that was asked for. */
  public static Answer.Failed failure(RecordPush.Failure failure, RecordName name) {
    RecordAction original = failure.originalAction();
    return failed(failure.action(), original == null ? failure.action() : original, name.value());
  }

  private static Optional<Answer> read(RecordRequest request, RecordPush push) {
    return switch (push) {
      case RecordPush.ReadResponse it when request instanceof RecordRequest.Read read ->
          when(it.name().equals(read.name()), new Answer.State(it.version(), it.data()));
      case RecordPush.HeadResponse it when request instanceof RecordRequest.Head head ->
          when(it.name().equals(head.name()), new Answer.Version(it.version()));
      case RecordPush.DeleteSuccess it when request instanceof RecordRequest.Delete delete ->
          when(it.name().equals(delete.name()), new Answer.Done());
      case RecordPush.WriteAcknowledgement it when request instanceof RecordRequest.Write write ->
          when(isOf(write, it.correlationId()), new Answer.Done());
      case RecordPush.VersionExists it when request instanceof RecordRequest.Write write ->
          when(
              isOf(write, it.ack().correlationId()),
              new Answer.Conflict(write.name().value(), write.version(), it.version(), false));
      case RecordPush.Failure it -> failure(request, it);
      default -> Optional.empty();
    };
  }

  private static Optional<Answer> failure(RecordRequest request, RecordPush.Failure failure) {
    if (request instanceof RecordRequest.Write write) {
      if (!isOf(write, failure.ack().correlationId())) {
        return Optional.empty();
      }
      Integer current = failure.version();
      if (failure.action() == RecordAction.INVALID_VERSION && current != null) {
        return Optional.of(
            new Answer.Conflict(write.name().value(), write.version(), current, true));
      }
    } else if (failure.name() != null
        && !(request instanceof RecordRequest.Notify)
        && !failure.name().equals(nameOf(request))) {
      return Optional.empty();
    }
    String name = failure.name() == null ? nameOf(request) : failure.name();
    return Optional.of(failed(failure.action(), request.action(), name));
  }

  private static Optional<Answer> read(RpcRequest.Call call, RpcPush push) {
    return switch (push) {
      case RpcPush.Answer it when it.correlationId().equals(call.correlationId()) ->
          switch (it.action()) {
            case RESPONSE -> Optional.of(new Answer.Result(it.data()));
            case REQUEST_ERROR -> Optional.of(new Answer.ProviderError(it.data()));
            default -> Optional.empty();
          };
      case RpcPush.Failure it
          when it.correlationId() == null || it.correlationId().equals(call.correlationId()) ->
          Optional.of(failed(it.action(), call.action(), call.name()));
      default -> Optional.empty();
    };
  }

  private static Optional<Answer> read(PresenceRequest request, PresencePush push) {
    return switch (push) {
      case PresencePush.QueryAllResponse it when request instanceof PresenceRequest.Everybody ->
          Optional.of(new Answer.Online(it.users()));
      case PresencePush.QueryResponse it when request instanceof PresenceRequest.Named named ->
          when(
              Objects.equals(it.correlationId(), named.correlationId()),
              new Answer.OnlineByName(it.data()));
      case PresencePush.Failure it -> {
        String name = it.name();
        yield Optional.of(failed(it.action(), request.action(), name == null ? "" : name));
      }
      default -> Optional.empty();
    };
  }

  private static Answer.Failed failed(Action error, Action original, String name) {
    return switch (error) {
      case RecordAction.MESSAGE_DENIED,
          EventAction.MESSAGE_DENIED,
          RpcAction.MESSAGE_DENIED,
          PresenceAction.MESSAGE_DENIED ->
          new Answer.Denied(original, name);
      case RecordAction.MESSAGE_PERMISSION_ERROR,
          EventAction.MESSAGE_PERMISSION_ERROR,
          RpcAction.MESSAGE_PERMISSION_ERROR,
          PresenceAction.MESSAGE_PERMISSION_ERROR ->
          new Answer.RuleFailed(error, original, name);
      case RecordAction.RECORD_NOT_FOUND -> new Answer.NotFound(name);
      case RpcAction.NO_RPC_PROVIDER -> new Answer.NoProvider(name);
      case RpcAction.RESPONSE_TIMEOUT, RpcAction.ACCEPT_TIMEOUT ->
          new Answer.ProviderTimeout(error, name);
      default -> new Answer.Refused(error, name);
    };
  }

  private static boolean isOf(RecordRequest.Write write, @Nullable String correlationId) {
    return Objects.equals(write.ack().correlationId(), correlationId);
  }

  private static Optional<Answer> when(boolean isAnswer, Answer answer) {
    return isAnswer ? Optional.of(answer) : Optional.empty();
  }

  /** The one name that a request is about, "" if it is about none or many. */
  static String nameOf(ClientMessage request) {
    return switch (request) {
      case RecordRequest.Read it -> it.name().value();
      case RecordRequest.Head it -> it.name().value();
      case RecordRequest.Delete it -> it.name().value();
      case RecordRequest.Write it -> it.name().value();
      case EventRequest.Emit it -> it.name();
      case RpcRequest.Call it -> it.name();
      default -> "";
    };
  }
}
