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
  private final RecordSubscriptions session;
  private @Nullable RecordGroup group;
  private boolean ended;
  private boolean stale;
  private int toldVersion = RecordSnapshot.MISSING;

  /** What the client has read since it wrote; {@link RecordSnapshot#MISSING} for nothing. */
  private int readVersion = RecordSnapshot.MISSING;

  /** What the client believes: whether the record has a provider. */
  private boolean toldProvided;

  /** Where the home loop counts this subscription; only touched there. */
  @Nullable FollowedEntry followed;

  /** Whether the home loop counts the interest in the name; only touched there. */
  boolean counted;

  /** Set by the home loop when the client wants it no more; only touched there. */
  boolean released;

  RecordSubscription(RecordName name, RecordSubscriptions session) {
    this.name = name;
    this.session = session;
  }

  RecordName name() {
    return name;
  }

  Subscriber subscriber() {
    return session.subscriber();
  }

  /** From now on changes arrive; false if the client has left meanwhile. */
  boolean attach(RecordGroup newGroup, long incarnation, int version) {
    if (ended) {
      return false;
    }
    told(version);
    if (group != newGroup) {
      group = newGroup;
      newGroup.add(this, incarnation, version);
    }
    tellProvider();
    return true;
  }

  /** Tells the client whether there is a provider, if that is not what it was told last. */
  void tellProvider() {
    if (group != null && group.isProvided() != toldProvided) {
      toldProvided = group.isProvided();
      subscriber().send(group.providerState());
    }
  }

  /** Whether there is a provider has changed. */
  void providerChanged(SharedMessage message, boolean provided) {
    if (provided == toldProvided) {
      return;
    }
    if (!subscriber().isWritable()) {
      session.notToldOfProvider(this);
      return;
    }
    toldProvided = provided;
    subscriber().send(message);
  }

  /** The client knows of that version, though no change may have told it. */
  void told(int version) {
    toldVersion = Math.max(toldVersion, version);
  }

  /** The client has asked for the state and is told that version. */
  void read(int version) {
    told(version);
    readVersion = version;
  }

  /**
   * A write of this client made that version.
   *
   * @return whether it builds on the version that the client read last
   */
  boolean wrote(int version) {
    told(version);
    boolean followsRead = readVersion != RecordSnapshot.MISSING && version == readVersion + 1;
    readVersion = RecordSnapshot.MISSING;
    return followsRead;
  }

  /**
   * Whether the client was told of that version otherwise than by a change, so that it cannot
   * notice that it is out of step when it writes it again (protocol §10.2).
   */
  boolean knowsUnseen(int version) {
    return version <= toldVersion;
  }

  /** The version that the client has been sent, or will be before anything newer. */
  int version() {
    return group == null ? RecordSnapshot.MISSING : group.version();
  }

  /** The life of the record that {@link #version} belongs to, 0 before there is a state. */
  long incarnation() {
    return group == null ? 0 : group.incarnation();
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

  /** Notes that the client needs the whole state. */
  void markStale() {
    stale = true;
  }

  boolean isStale() {
    return stale && !ended;
  }

  /** The whole state: the client is up to date again. */
  void refresh(SharedMessage state) {
    if (!ended) {
      stale = false;
      subscriber().send(state);
    }
  }

  /** There is no state to be had, or it is still to come: what follows is not to be held back. */
  void nothingMissed() {
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
