package io.millrace.server.dispatch;

import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.Topic;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.DecodeResult.Refused;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.event.EventSession;
import io.millrace.server.listen.ListenSession;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.presence.PresenceSession;
import io.millrace.server.record.RecordSession;
import io.millrace.server.rpc.RpcSession;
import io.millrace.server.subscription.Subscriber;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a logged-in session says, handed to the feature that it is about; and what none of them
 * understands, answered as protocol §1.9 and §1.10 say.
 */
public final class Dispatcher {
  private final Subscriber subscriber;
  private final PermissionGate gate;
  private final RecordSession records;
  private final ListenSession recordListening;
  private final EventSession events;
  private final RpcSession rpcs;
  private final ListenSession eventListening;
  private final PresenceSession presence;
  private boolean closed;

  public Dispatcher(Subscriber subscriber, Features features) {
    this.subscriber = subscriber;
    this.gate = features.gate();
    this.records =
        new RecordSession(
            subscriber,
            features.records(),
            (name, answer) -> gate.mayRead(subscriber, name, answer));
    this.recordListening = new ListenSession(subscriber, features.recordListening());
    this.events = new EventSession(subscriber, features.events());
    this.rpcs = new RpcSession(subscriber, features.rpcs());
    this.eventListening = new ListenSession(subscriber, features.eventListening());
    this.presence = new PresenceSession(subscriber, features.presence());
  }

  /**
   * From here on others see the user. Not called for HTTP callers.
   *
   * @param announced is run on the session's loop when the login may be answered
   */
  public void opened(Runnable announced) {
    presence.opened(announced);
  }

  /** Carries out what the session is allowed to say. */
  public void dispatch(ClientMessage message) {
    gate.judge(subscriber, message, this::carryOut);
  }

  private void carryOut(ClientMessage message) {
    if (closed) {
      return;
    }
    switch (message) {
      case RecordRequest.Listen listen ->
          listen(recordListening, listen.action() == RecordAction.LISTEN, listen.pattern());
      case RecordRequest.ListenAnswer answer -> {
        boolean accepted = answer.action() == RecordAction.LISTEN_ACCEPT;
        answer(recordListening, accepted, answer.pattern(), answer.subscription());
      }
      case RecordRequest request -> records.handle(request);
      case EventRequest.Listen listen ->
          listen(eventListening, listen.action() == EventAction.LISTEN, listen.pattern());
      case EventRequest.ListenAnswer answer -> {
        boolean accepted = answer.action() == EventAction.LISTEN_ACCEPT;
        answer(eventListening, accepted, answer.pattern(), answer.subscription());
      }
      case EventRequest request -> events.handle(request);
      case RpcRequest request -> rpcs.handle(request);
      case PresenceRequest request -> presence.handle(request);
      case ConnectionRequest request -> unknownTopic(request.action().topic());
      case AuthRequest request -> unknownTopic(request.action().topic());
    }
  }

  private static void listen(ListenSession session, boolean start, String pattern) {
    if (start) {
      session.listen(pattern);
    } else {
      session.unlisten(pattern);
    }
  }

  private static void answer(
      ListenSession session, boolean accepted, String pattern, String subscription) {
    if (accepted) {
      session.accept(pattern, subscription);
    } else {
      session.reject(pattern, subscription);
    }
  }

  /**
   * Which life of a record, between its creation and its deletion, the subscription to it is in; 0
   * if there is no subscription.
   */
  public long lifeOf(RecordName name) {
    return records.lifeOf(name);
  }

  /** Answers what could not be decoded. */
  public void refuse(Refused<ClientMessage> refused) {
    switch (refused.reason()) {
      case UNREADABLE, UNKNOWN_TOPIC ->
          subscriber.send(
              new ParserReply(
                  ParserAction.UNKNOWN_TOPIC, refused.topic() < 0 ? null : refused.topic(), null));
      case UNKNOWN_ACTION ->
          subscriber.send(
              new ParserReply(ParserAction.UNKNOWN_ACTION, refused.topic(), refused.action()));
      case INVALID_FIELDS -> invalidFields(refused);
    }
  }

  public void writabilityChanged() {
    records.writabilityChanged();
    recordListening.writabilityChanged();
    events.writabilityChanged();
    rpcs.writabilityChanged();
    eventListening.writabilityChanged();
    presence.writabilityChanged();
  }

  /** Nothing new is asked of the session, which is about to leave; it may end what it has begun. */
  public void retire() {
    rpcs.retire();
  }

  /** Whether others may be waiting for what only this session does. */
  public boolean isProvider() {
    return rpcs.isProvider();
  }

  /** Whether calls are open that the session has made, or has in its hands. */
  public boolean hasOpenCalls() {
    return rpcs.hasOpenCalls();
  }

  public void close() {
    closed = true;
    records.close();
    recordListening.close();
    events.close();
    rpcs.close();
    eventListening.close();
    presence.close();
  }

  private void unknownTopic(Topic topic) {
    subscriber.send(new ParserReply(ParserAction.UNKNOWN_TOPIC, topic.number(), null));
  }

  private void invalidFields(Refused<ClientMessage> refused) {
    if (refused.topic() != Topic.RECORD.number()) {
      subscriber.send(
          new ParserReply(ParserAction.INVALID_MESSAGE, refused.topic(), refused.action()));
      return;
    }
    Optional<RecordAction> original =
        Arrays.stream(RecordAction.values())
            .filter(action -> action.number() == refused.action())
            .findFirst();
    subscriber.send(
        new RecordPush.Failure(
            RecordAction.INVALID_MESSAGE_DATA,
            refused.name(),
            original.orElse(null),
            true,
            new WriteAckRequest(refused.isWriteAck(), refused.correlationId()),
            null,
            null));
  }
}
