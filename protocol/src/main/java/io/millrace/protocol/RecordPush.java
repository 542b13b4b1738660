package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that a server says about records: answers, broadcasts, refusals (protocol §3). */
public sealed interface RecordPush extends ServerMessage {

  @Override
  RecordAction action();

  /** {@code isAck}: the bulk, listen or notify request was carried out (protocol §1.8). */
  record Ack(
      RecordAction action,
      @Nullable String name,
      List<RecordName> names,
      @Nullable String correlationId)
      implements RecordPush {
    public Ack {
      names = List.copyOf(names);
    }
  }

  /** The answer to READ and to subscriptions that read. */
  record ReadResponse(RecordName name, int version, JsonText data) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.READ_RESPONSE;
    }
  }

  /** The answer to HEAD; version -1 means that there is no such record. */
  record HeadResponse(RecordName name, int version) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.HEAD_RESPONSE;
    }
  }

  /** All versions that SUBSCRIBEANDHEAD asked for, -1 for missing records; the order is kept. */
  record HeadResponseBulk(Map<String, Integer> versions) implements RecordPush {
    public HeadResponseBulk {
      versions = Collections.unmodifiableMap(new LinkedHashMap<>(versions));
    }

    @Override
    public RecordAction action() {
      return RecordAction.HEAD_RESPONSE_BULK;
    }
  }

  /** A write was applied, and stored as far as storage is configured. */
  record WriteAcknowledgement(RecordName name, @Nullable String correlationId)
      implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.WRITE_ACKNOWLEDGEMENT;
    }
  }

  /** To the requester of a delete. */
  record DeleteSuccess(RecordName name) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.DELETE_SUCCESS;
    }
  }

  /** To every other subscriber of a deleted record. */
  record Deleted(RecordName name) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.DELETED;
    }
  }

  /** The record now has this version and this data. */
  record Update(RecordName name, int version, JsonText data) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.UPDATE;
    }
  }

  /**
   * The record now has this version, which differs from the one before at one path; no data:
   * erased.
   */
  record Patch(RecordName name, int version, String path, @Nullable JsonText data)
      implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.PATCH;
    }
  }

  /** As {@link Patch} for several paths in order. Clients up to 7.0 do not know it. */
  record PatchMulti(RecordName name, int version, JsonText data) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.PATCH_MULTI;
    }
  }

  /**
   * VERSION_EXISTS: the write came too late; the current version and data.
   *
   * @param data null for those who may write the record and not read it
   */
  record VersionExists(
      RecordName name,
      int version,
      @Nullable JsonText data,
      RecordAction originalAction,
      WriteAckRequest ack)
      implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.VERSION_EXISTS;
    }
  }

  /**
   * Any refusal or failure. Every part but the action is optional on the wire; {@code ack} is
   * copied from the write it answers. {@code version} goes with INVALID_VERSION, {@code data} with
   * RECORD_NOTIFY_ERROR; neither ever echoes text that was not valid JSON (protocol §1.6).
   */
  record Failure(
      RecordAction action,
      @Nullable String name,
      @Nullable RecordAction originalAction,
      boolean isError,
      WriteAckRequest ack,
      @Nullable Integer version,
      @Nullable JsonText data)
      implements RecordPush {
    public static Failure of(
        RecordAction action, RecordName name, @Nullable RecordAction originalAction) {
      return new Failure(
          action, name.value(), originalAction, true, WriteAckRequest.NONE, null, null);
    }
  }

  /** MULTIPLE_SUBSCRIPTIONS: the socket had it already. */
  record MultipleSubscriptions(String name, RecordAction originalAction) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.MULTIPLE_SUBSCRIPTIONS;
    }
  }

  /** SUBSCRIPTION_HAS_PROVIDER or SUBSCRIPTION_HAS_NO_PROVIDER. */
  record ProviderState(RecordAction action, RecordName name) implements RecordPush {}

  /** SUBSCRIPTION_FOR_PATTERN_FOUND or SUBSCRIPTION_FOR_PATTERN_REMOVED, to a listener. */
  record PatternMatch(RecordAction action, String pattern, String subscription)
      implements RecordPush {}

  /** LISTEN_RESPONSE_TIMEOUT, to a listener that did not answer in time. */
  record ListenTimeout(String subscription) implements RecordPush {
    @Override
    public RecordAction action() {
      return RecordAction.LISTEN_RESPONSE_TIMEOUT;
    }
  }
}
