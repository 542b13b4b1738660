package io.millrace.server.dispatch;

import io.millrace.server.config.ListenConfig;
import io.millrace.server.event.EventCounter;
import io.millrace.server.event.Events;
import io.millrace.server.listen.ListenTopic;
import io.millrace.server.listen.Listening;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.Peers;
import io.millrace.server.permission.OpenGate;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.presence.Presence;
import io.millrace.server.presence.PresenceCounter;
import io.millrace.server.record.Records;
import io.millrace.server.rpc.CallEnd;
import io.millrace.server.rpc.RpcCounter;
import io.millrace.server.rpc.RpcRules;
import io.millrace.server.rpc.Rpcs;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoops;
import java.time.Duration;

/** All features of a node with nobody who counts, for tests of what stands before them. */
public final class QuietFeatures {
  private static final ListenConfig LISTEN =
      new ListenConfig(
          false, Duration.ofMillis(500), Duration.ofSeconds(60), Duration.ofSeconds(10));

  private QuietFeatures() {}

  public static Features of(EventLoops loops, Records records) {
    return of(new OpenGate(), loops, records);
  }

  /** With somebody of the test's before them. */
  public static Features of(PermissionGate gate, EventLoops loops, Records records) {
    return new Features(
        gate,
        records,
        new Listening(ListenTopic.RECORD, loops, LISTEN, Peers.NONE, Membership.alone("node")),
        new Events(loops, new CountedMessages(), new UncountedEvents(), InterestObserver.NONE),
        new Listening(ListenTopic.EVENT, loops, LISTEN, Peers.NONE, Membership.alone("node")),
        new Rpcs(
            loops,
            Peers.NONE,
            new RpcRules(Duration.ofSeconds(1), Duration.ofSeconds(10), false, false),
            new UncountedCalls()),
        new Presence(loops, gate, new UncountedUsers()));
  }

  private static final class UncountedEvents implements EventCounter {
    @Override
    public void delivered(int count) {}

    @Override
    public void dropped(int count) {}
  }

  private static final class UncountedCalls implements RpcCounter {
    @Override
    public void started() {}

    @Override
    public void remote() {}

    @Override
    public void rerouted() {}

    @Override
    public void ended(CallEnd end, long nanos) {}
  }

  private static final class UncountedUsers implements PresenceCounter {
    @Override
    public void online(int change) {}

    @Override
    public void dropped() {}
  }
}
