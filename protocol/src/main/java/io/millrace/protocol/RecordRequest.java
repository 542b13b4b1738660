package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may ask about records: the whole vocabulary on one page (protocol §3). */
public sealed interface RecordRequest extends ClientMessage {

  @Override
  RecordAction action();

  /**
   * SUBSCRIBE, SUBSCRIBEANDHEAD, SUBSCRIBEANDREAD, SUBSCRIBECREATEANDREAD or UNSUBSCRIBE: many
   * names at once, acknowledged once.
   */
  record Bulk(RecordAction action, List<RecordName> names, @Nullable String correlationId)
      implements RecordRequest {
    public Bulk {
      names = List.copyOf(names);
    }
  }

  /** The named records were changed in storage, behind the server's back (protocol §3.7). */
  record Notify(List<RecordName> names, @Nullable String correlationId) implements RecordRequest {
    public Notify {
      names = List.copyOf(names);
    }

    @Override
    public RecordAction action() {
      return RecordAction.NOTIFY;
    }
  }

  /** The whole record, once. */
  record Read(RecordName name) implements RecordRequest {
    @Override
    public RecordAction action() {
      return RecordAction.READ;
    }
  }

  /** The version of the record, once. */
  record Head(RecordName name) implements RecordRequest {
    @Override
    public RecordAction action() {
      return RecordAction.HEAD;
    }
  }

  /** Removes the record and everybody's subscriptions. */
  record Delete(RecordName name, @Nullable String correlationId) implements RecordRequest {
    @Override
    public RecordAction action() {
      return RecordAction.DELETE;
    }
  }

  /**
   * All that changes a record's data. {@code version} is the version that the write wants to
   * create, or -1 to be applied to whatever is there; absent on the wire means 0.
   */
  sealed interface Write extends RecordRequest {
    RecordName name();

    int version();

    WriteAckRequest ack();
  }

  /** UPDATE or CREATEANDUPDATE: replaces the whole data. */
  record Update(
      RecordAction action,
      RecordName name,
      int version,
      @Nullable JsonText data,
      WriteAckRequest ack)
      implements Write {}

  /**
   * PATCH, CREATEANDPATCH or ERASE: changes what is at one path. No data means: remove it. The path
   * is raw text here, because what is wrong with it is answered by name (protocol §3.4).
   */
  record Patch(
      RecordAction action,
      RecordName name,
      int version,
      @Nullable String path,
      @Nullable JsonText data,
      WriteAckRequest ack)
      implements Write {}

  /**
   * Several path writes in order, one version, all or nothing; data is an array of path and data.
   */
  record PatchMulti(RecordName name, int version, @Nullable JsonText data, WriteAckRequest ack)
      implements Write {
    @Override
    public RecordAction action() {
      return RecordAction.PATCH_MULTI;
    }
  }

  /** LISTEN or UNLISTEN. */
  record Listen(RecordAction action, String pattern) implements RecordRequest {}

  /** LISTEN_ACCEPT or LISTEN_REJECT. */
  record ListenAnswer(RecordAction action, String pattern, String subscription)
      implements RecordRequest {}

  /** A known RECORD action that a client has no business sending, or that is not served. */
  record Unexpected(RecordAction action) implements RecordRequest {}
}
