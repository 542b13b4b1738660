package io.millrace.server.listen;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.server.peer.PeerTopic;
import java.util.List;

/** What can be listened for, and how its messages look: alike, but for their numbers. */
public enum ListenTopic {
  EVENT,
  RECORD;

  PeerTopic peerTopic() {
    return switch (this) {
      case EVENT -> PeerTopic.EVENT_LISTENING;
      case RECORD -> PeerTopic.RECORD_LISTENING;
    };
  }

  ServerMessage ack(boolean listening, String pattern) {
    return switch (this) {
      case EVENT ->
          new EventPush.Ack(listening ? EventAction.LISTEN : EventAction.UNLISTEN, pattern, null);
      case RECORD ->
          new RecordPush.Ack(
              listening ? RecordAction.LISTEN : RecordAction.UNLISTEN, pattern, List.of(), null);
    };
  }

  ServerMessage listensAlready(String pattern) {
    return switch (this) {
      case EVENT -> new EventPush.MultipleSubscriptions(pattern, EventAction.LISTEN);
      case RECORD -> new RecordPush.MultipleSubscriptions(pattern, RecordAction.LISTEN);
    };
  }

  ServerMessage invalid(String pattern) {
    return switch (this) {
      case EVENT ->
          new EventPush.Failure(EventAction.INVALID_LISTEN_REGEX, pattern, null, false, null);
      case RECORD ->
          new RecordPush.Failure(
              RecordAction.INVALID_LISTEN_REGEX,
              pattern,
              null,
              false,
              WriteAckRequest.NONE,
              null,
              null);
    };
  }

  ServerMessage denied(String pattern) {
    return switch (this) {
      case EVENT ->
          new EventPush.Failure(
              EventAction.MESSAGE_DENIED, pattern, EventAction.LISTEN, true, null);
      case RECORD ->
          new RecordPush.Failure(
              RecordAction.MESSAGE_DENIED,
              pattern,
              RecordAction.LISTEN,
              true,
              WriteAckRequest.NONE,
              null,
              null);
    };
  }

  ServerMessage found(String pattern, String name) {
    return switch (this) {
      case EVENT ->
          new EventPush.PatternMatch(EventAction.SUBSCRIPTION_FOR_PATTERN_FOUND, pattern, name);
      case RECORD ->
          new RecordPush.PatternMatch(RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND, pattern, name);
    };
  }

  ServerMessage removed(String pattern, String name) {
    return switch (this) {
      case EVENT ->
          new EventPush.PatternMatch(EventAction.SUBSCRIPTION_FOR_PATTERN_REMOVED, pattern, name);
      case RECORD ->
          new RecordPush.PatternMatch(RecordAction.SUBSCRIPTION_FOR_PATTERN_REMOVED, pattern, name);
    };
  }

  ServerMessage timedOut(String name) {
    return switch (this) {
      case EVENT -> new EventPush.ListenTimeout(name);
      case RECORD -> new RecordPush.ListenTimeout(name);
    };
  }
}
