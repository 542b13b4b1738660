package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.SharedMessage;
import org.jspecify.annotations.Nullable;

/**
 * One session's subscription to one record. Confined to the session's loop, except for {@link
 * #followed}, which belongs to the record's home loop.
 */
final class RecordSubscription {
  private final RecordName name;
  private final RecordSession session;
  private @Nullable RecordGroup group;
  private boolean ended;
  private boolean stale;

  /** Where the home loop counts this subscription; only touched there. */
  @Nullable FollowedEntry followed;

  /** Set by the home loop when the end came before the beginning was done; only touched there. */
  boolean released;

  RecordSubscription(RecordName name, RecordSession session) {
    this.name = name;
    this.session = session;
  }

  RecordName name() {
    return name;
  }

  Subscriber subscriber() {
    return session.subscriber();
  }

  /** From now on changes arrive. */
  void attach(RecordGroup newGroup, int version) {
    if (!ended) {
      group = newGroup;
      newGroup.add(this, version);
    }
  }

  /** The version that the client has been sent, or will be before anything newer. */
  int version() {
    return group == null ? RecordSnapshot.MISSING : group.version();
  }

  /**
   * Sends the change, or notes that the client needs the whole state later; true if it was sent.
   */
  boolean offer(SharedMessage message) {
    if (stale) {
      return false;
    }
    if (!subscriber().isWritable()) {
      stale = true;
      session.becameStale(this);
      return false;
    }
    subscriber().send(message);
    return true;
  }

  /** Notes that the client needs the whole state; false if that was known, or it left. */
  boolean markStale() {
    if (stale || ended) {
      return false;
    }
    stale = true;
    return true;
  }

  boolean isStale() {
    return stale && !ended;
  }

  /** The whole state: the client is up to date again. */
  void refresh(SharedMessage state) {
    if (isStale()) {
      stale = false;
      subscriber().send(state);
    }
  }

  /** There is no state that the client would need. */
  void upToDate() {
    stale = false;
  }

  /** The client does not want it any more. */
  void end() {
    ended = true;
    if (group != null) {
      group.remove(this);
      group = null;
    }
  }

  /** The record is gone, and with it the group. */
  void dropped() {
    ended = true;
    group = null;
    session.dropped(this);
  }
}
