package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From a followed record to the groups of its subscribers, one on each loop. Encodes once; what is
 * said of one record arrives on each loop in the order in which it is said here. Confined to the
 * records' home loop.
 */
final class RecordFanout {
  private final String node;
  private final EventLoops loops;
  private final MessageEncoder encoder;
  private final Tracing tracing;

  RecordFanout(String node, EventLoops loops, MessageEncoder encoder, Tracing tracing) {
    this.node = node;
    this.loops = loops;
    this.encoder = encoder;
    this.tracing = tracing;
  }

  /** A change that the copy has taken. */
  void change(FollowedEntry entry, RecordChange change) {
    Writer writer = change.writer();
    long except = writer != null && writer.node().equals(node) ? writer.connection() : 0;
    RecordName name = change.name();
    int version = change.version();
    DeliverySpan span = entry.subscribers > 0 ? DeliverySpan.begin(tracing, change) : null;
    switch (change.body()) {
      case RecordChange.Deleted() -> removed(entry, except, span);
      case RecordChange.Whole whole -> state(entry, except, span);
      case RecordChange.Paths paths -> {
        if (paths.writes().size() == 1) {
          RecordChange.At only = paths.writes().get(0);
          if (entry.subscribers > 0) {
            SharedMessage message =
                encoder.share(new RecordPush.Patch(name, version, only.path(), only.value()));
            deliver(entry, message, except, span);
            message.release();
          }
        } else {
          // Clients up to 7.0 do not know PATCH_MULTI (protocol §3.5).
          state(entry, except, span);
        }
      }
    }
    if (span != null) {
      span.handed(0, 0);
    }
  }

  /** The whole state, which no single change has led to. */
  void state(FollowedEntry entry) {
    state(entry, 0, null);
  }

  /** The record is gone, and it is not known who removed it. */
  void removed(FollowedEntry entry) {
    removed(entry, 0, null);
  }

  private void state(FollowedEntry entry, long except, @Nullable DeliverySpan span) {
    if (entry.subscribers > 0) {
      deliver(entry, entry.copy.update(encoder), except, span);
    }
  }

  private void deliver(
      FollowedEntry entry, SharedMessage message, long except, @Nullable DeliverySpan span) {
    long incarnation = entry.copy.incarnation();
    int version = entry.copy.version();
    onLoops(
        entry, message, span, group -> group.deliver(message, incarnation, version, except, span));
  }

  /** Somebody has begun or ceased to provide the record. */
  void provided(FollowedEntry entry, boolean provided) {
    RecordAction action =
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER;
    SharedMessage message = encoder.share(new RecordPush.ProviderState(action, entry.copy.name()));
    onLoops(entry, message, null, group -> group.provided(message, provided));
    message.release();
  }

  private void removed(FollowedEntry entry, long except, @Nullable DeliverySpan span) {
    SharedMessage message = encoder.share(new RecordPush.Deleted(entry.copy.name()));
    onLoops(entry, message, span, group -> group.deleted(message, except, span));
    message.release();
  }

  /** Has each group do the step on its loop; the message is retained until it has. */
  private void onLoops(
      FollowedEntry entry,
      SharedMessage message,
      @Nullable DeliverySpan span,
      Consumer<RecordGroup> step) {
    for (int i = 0; i < entry.groups.length; i++) {
      RecordGroup group = entry.groups[i];
      if (group == null) {
        continue;
      }
      if (span != null) {
        span.expect();
      }
      message.retain();
      loops
          .get(i)
          .run(
              () -> {
                try {
                  step.accept(group);
                } finally {
                  message.release();
                }
              });
    }
  }
}
