package io.millrace.server.presence;

import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;

/**
 * Of whom, and in which role, a watcher is told something.
 *
 * @param everybody whether it is told as one who watches everybody
 */
record PresenceChange(String user, boolean everybody) {

  PresencePush push(boolean online) {
    PresenceAction action =
        everybody
            ? (online ? PresenceAction.PRESENCE_JOIN_ALL : PresenceAction.PRESENCE_LEAVE_ALL)
            : (online ? PresenceAction.PRESENCE_JOIN : PresenceAction.PRESENCE_LEAVE);
    return new PresencePush.Change(action, user);
  }
}
