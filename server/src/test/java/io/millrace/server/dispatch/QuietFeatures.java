package io.millrace.server.dispatch;

import io.millrace.server.event.EventCounter;
import io.millrace.server.event.Events;
import io.millrace.server.permission.OpenGate;
import io.millrace.server.presence.Presence;
import io.millrace.server.presence.PresenceCounter;
import io.millrace.server.record.Records;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoops;

/** All features of a node with nobody who counts, for tests of what stands before them. */
public final class QuietFeatures {
  private QuietFeatures() {}

  public static Features of(EventLoops loops, Records records) {
    OpenGate gate = new OpenGate();
    return new Features(
        gate,
        records,
        new Events(loops, new CountedMessages(), new UncountedEvents()),
        new Presence(loops, gate, new UncountedUsers()));
  }

  private static final class UncountedEvents implements EventCounter {
    @Override
    public void delivered(int count) {}

    @Override
    public void dropped(int count) {}
  }

  private static final class UncountedUsers implements PresenceCounter {
    @Override
    public void online(int change) {}

    @Override
    public void dropped() {}
  }
}
