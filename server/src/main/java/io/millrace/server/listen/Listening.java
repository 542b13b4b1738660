package io.millrace.server.listen;

import io.millrace.server.config.ListenConfig;
import io.millrace.server.listen.ListenShard.ListenTimes;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Who listens for one kind of names on this node, and who provides them (protocol §4.2).
 * Thread-safe.
 */
public final class Listening implements InterestObserver {

  /** Patterns on a node; each new name is held against all of them. */
  static final int MAX_PATTERNS = 10_000;

  private final ListenTopic topic;
  private final EventLoops loops;
  private final List<ListenShard> shards;
  private final AtomicInteger patterns = new AtomicInteger();

  public Listening(ListenTopic topic, EventLoops loops, ListenConfig config) {
    this(topic, loops, config, System::nanoTime, Random::new);
  }

  Listening(
      ListenTopic topic,
      EventLoops loops,
      ListenConfig config,
      LongSupplier clockNs,
      Supplier<Random> randoms) {
    this.topic = topic;
    this.loops = loops;
    ListenTimes times =
        new ListenTimes(config.responseTimeout(), config.rematchInterval(), config.matchCooldown());
    this.shards =
        loops.all().stream()
            .map(
                loop -> {
                  Random shuffle = config.shuffleProviders() ? randoms.get() : null;
                  return new ListenShard(loop, new CandidateList(shuffle), times, clockNs);
                })
            .toList();
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

  /** Has the name's home loop take the step, and calls back on the own loop. */
  void atHome(EventLoop own, String name, BiConsumer<ListenShard, String> step, Runnable done) {
    loops
        .home(name)
        .run(
            () -> {
              step.accept(shard(name), name);
              own.run(done);
            });
  }

  /** Has all loops take the step, and calls back on the own loop when the last one has. */
  void everywhere(EventLoop own, ShardStep step, Runnable done) {
    int[] open = {loops.count()};
    for (EventLoop loop : loops.all()) {
      loop.run(
          () -> {
            step.apply(shards.get(loop.index()));
            own.run(
                () -> {
                  open[0]--;
                  if (open[0] == 0) {
                    done.run();
                  }
                });
          });
    }
  }

  /** Something to be done on a shard's loop. */
  interface ShardStep {
    void apply(ListenShard shard);
  }

  private ListenShard shard(String name) {
    return shards.get(loops.home(name).index());
  }
}
