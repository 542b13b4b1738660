package io.millrace.server.listen;

import io.millrace.server.config.ListenConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.Peers;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Who listens for one kind of names, and who provides them (protocol §4.2): at most one in the
 * whole cluster. Thread-safe.
 *
 * <p>Every name is coordinated by one node, which all nodes find by themselves ({@link
 * Coordinators}): it is told which nodes want the name, asks listeners on any node, and says who
 * provides. Nodes keep what they have said and promised, so that another one can take over. As long
 * as nobody listens, nothing is said.
 */
public final class Listening implements InterestObserver {

  /**
   * Patterns of a node, and as many of all others together; each new name is held against all of
   * them.
   */
  static final int MAX_PATTERNS = 10_000;

  private final ListenTopic topic;
  private final EventLoops loops;
  private final Peers peers;
  private final List<ListenShard> shards;
  private final AtomicInteger patterns = new AtomicInteger();
  private final AtomicLong listeners = new AtomicLong();

  /** To be made before the first node is met. */
  public Listening(
      ListenTopic topic, EventLoops loops, ListenConfig config, Peers peers, Membership members) {
    this(topic, loops, config, peers, members, System::nanoTime, Random::new);
  }

  Listening(
      ListenTopic topic,
      EventLoops loops,
      ListenConfig config,
      Peers peers,
      Membership members,
      LongSupplier clockNs,
      Supplier<Random> randoms) {
    this.topic = topic;
    this.loops = loops;
    this.peers = peers;
    ListenPeers others = new ListenPeers(topic.peerTopic(), loops);
    PeerChannel<List<ListenMessage>> channel = peers.open(others);
    ListenTimes times =
        new ListenTimes(config.responseTimeout(), config.rematchInterval(), config.matchCooldown());
    this.shards =
        loops.all().stream()
            .map(
                loop -> {
                  Random shuffle = config.shuffleProviders() ? randoms.get() : null;
                  CandidateList candidates = new CandidateList(shuffle);
                  return new ListenShard(
                      loop, loop == announcer(), candidates, times, clockNs, members, channel);
                })
            .toList();
    others.serve(shards);
    members.onChange(others::membersChanged);
    // What has changed since the shards were made.
    others.membersChanged();
  }

  @Override
  public void first(Interest interest) {
    shard(interest.name()).first(interest);
  }

  @Override
  public void last(String name) {
    shard(name).last(name);
  }

  ListenTopic topic() {
    return topic;
  }

  /** Whether one more pattern may be listened for; if so it is counted. */
  boolean takePlace() {
    if (patterns.incrementAndGet() <= MAX_PATTERNS) {
      return true;
    }
    patterns.decrementAndGet();
    return false;
  }

  void givePlaces(int count) {
    patterns.addAndGet(-count);
  }

  /** A number for a new listener. */
  long newListener() {
    return listeners.incrementAndGet();
  }

  /** Has the name's home loop take the step, and calls back on the own loop. */
  void atHome(EventLoop own, String name, BiConsumer<ListenShard, String> step, Runnable done) {
    // Queued, also on the own loop: it must not overtake what others have handed to it before.
    loops
        .home(name)
        .execute(
            () -> {
              step.accept(shard(name), name);
              own.run(done);
            });
  }

  /**
   * Has all loops take a step that is about a pattern, and when all of them have, the one that
   * tells other nodes of it; calls back on the own loop when those know of it.
   */
  void everywhereAndFar(EventLoop own, ShardStep step, ShardStep announcement, Runnable done) {
    EventLoop announcer = announcer();
    everywhere(
        own,
        step,
        () ->
            announcer.execute(
                () -> {
                  ListenShard shard = shards.get(announcer.index());
                  announcement.apply(shard);
                  shard.flush();
                  peers.settle(announcer, () -> own.run(done));
                }));
  }

  /** Has all loops take the step, and calls back on the own loop when the last one has. */
  void everywhere(EventLoop own, ShardStep step, Runnable done) {
    loops.onAll(own, loop -> step.apply(shards.get(loop.index())), done);
  }

  /** Something to be done on a shard's loop. */
  interface ShardStep {
    void apply(ListenShard shard);
  }

  /** The loop that tells other nodes of patterns. */
  private EventLoop announcer() {
    return loops.get(0);
  }

  /** For tests: whether nothing is kept but for listeners. */
  boolean isIdle() {
    return shards.stream().allMatch(ListenShard::isIdle);
  }

  private ListenShard shard(String name) {
    return shards.get(loops.home(name).index());
  }
}
