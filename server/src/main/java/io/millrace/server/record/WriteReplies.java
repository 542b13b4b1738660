package io.millrace.server.record;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a writer is told (protocol §3.4, §3.5, §10.3). Answers name the normalised action: UPDATE,
 * PATCH or PATCH_MULTI.
 */
record WriteReplies(RecordName name, RecordAction action, WriteAckRequest ack) {

  /**
   * Too late: the current state, and for a waiting callback an error, which it would never get.
   *
   * @param mayRead whether the writer may be told the data
   */
  List<ServerMessage> conflict(WriteOutcome.Conflict conflict, boolean mayRead) {
    if (conflict.gap()) {
      return List.of(
          failure(RecordAction.INVALID_VERSION, action, ack.wanted(), conflict.version()));
    }
    List<ServerMessage> replies = new ArrayList<>(2);
    replies.add(
        new RecordPush.VersionExists(
            name, conflict.version(), mayRead ? conflict.data() : null, action, ack));
    if (ack.wanted()) {
      replies.add(failed());
    }
    return replies;
  }

  ServerMessage acknowledged() {
    return new RecordPush.WriteAcknowledgement(name, ack.correlationId());
  }

  /** Not applied, or not known whether it was. */
  ServerMessage failed() {
    return failure(RecordAction.RECORD_UPDATE_ERROR, null, true, null);
  }

  /** As {@link #failed()}, with a reason for people. */
  ServerMessage failed(String reason) {
    return new RecordPush.Failure(
        RecordAction.RECORD_UPDATE_ERROR,
        name.value(),
        null,
        true,
        ack,
        null,
        Json.text(TextNode.valueOf(reason)));
  }

  /** The request itself is wrong. Nothing of its text is repeated (protocol §1.6). */
  ServerMessage invalid() {
    return failure(RecordAction.INVALID_MESSAGE_DATA, action, true, null);
  }

  /** Hot paths take whole updates only. */
  ServerMessage patchOnHotPath() {
    return failure(RecordAction.INVALID_PATCH_ON_HOTPATH, action, ack.wanted(), null);
  }

  private ServerMessage failure(
      RecordAction failure,
      @Nullable RecordAction originalAction,
      boolean isError,
      @Nullable Integer version) {
    return new RecordPush.Failure(
        failure, name.value(), originalAction, isError, ack, version, null);
  }
}
