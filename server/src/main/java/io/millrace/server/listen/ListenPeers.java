package io.millrace.server.listen;

import io.millrace.server.listen.ListenMessage.FromCoordinator;
import io.millrace.server.listen.ListenMessage.PatternAdded;
import io.millrace.server.listen.ListenMessage.ToAll;
import io.millrace.server.listen.ListenMessage.ToCoordinator;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Hands what other nodes say about listening to the loops that it is about. */
final class ListenPeers implements PeerFeature<List<ListenMessage>> {
  private final PeerTopic topic;
  private final EventLoops loops;
  private List<ListenShard> shards = List.of();

  ListenPeers(PeerTopic topic, EventLoops loops) {
    this.topic = topic;
    this.loops = loops;
  }

  /** Before the first node is met. */
  void serve(List<ListenShard> all) {
    shards = all;
  }

  @Override
  public PeerTopic topic() {
    return topic;
  }

  @Override
  public void write(List<ListenMessage> message, PeerOutput out) {
    ListenFormat.write(message, out);
  }

  @Override
  public List<ListenMessage> read(PeerInput in) {
    return ListenFormat.read(in);
  }

  @Override
  public int weight(List<ListenMessage> message) {
    return ListenFormat.weight(message);
  }

  @Override
  public void joined(String node) {
    EventLoop first = loops.get(0);
    first.execute(
        () ->
            loops.onAll(
                first,
                loop -> shards.get(loop.index()).sayPatterns(node),
                () -> onEach(shard -> shard.sayNames(node))));
  }

  @Override
  public void left(String node) {
    onEach(shard -> shard.left(node));
  }

  void membersChanged() {
    onEach(ListenShard::membersChanged);
  }

  @Override
  public void received(String node, List<ListenMessage> batch) {
    Map<EventLoop, List<Consumer<ListenShard>>> steps = new LinkedHashMap<>();
    for (ListenMessage message : batch) {
      switch (message) {
        case ToCoordinator each -> add(steps, loops.home(each.name()), to(node, each));
        case FromCoordinator each -> add(steps, loops.home(each.name()), to(node, each));
        case PatternAdded each -> addPattern(steps, node, each);
        case ToAll each -> loops.all().forEach(loop -> add(steps, loop, to(node, each)));
      }
    }
    steps.forEach(
        (loop, all) ->
            loop.execute(
                () -> {
                  ListenShard shard = shards.get(loop.index());
                  all.forEach(step -> step.accept(shard));
                }));
  }

  /** Translated once for all loops. */
  private void addPattern(
      Map<EventLoop, List<Consumer<ListenShard>>> steps, String node, PatternAdded added) {
    ListenPattern.compile(added.pattern())
        .ifPresent(
            pattern ->
                loops
                    .all()
                    .forEach(
                        loop ->
                            add(
                                steps,
                                loop,
                                shard ->
                                    shard.remotePatternAdded(node, added.listener(), pattern))));
  }

  private static Consumer<ListenShard> to(String node, ListenMessage message) {
    return shard -> shard.received(node, message);
  }

  private static void add(
      Map<EventLoop, List<Consumer<ListenShard>>> steps,
      EventLoop loop,
      Consumer<ListenShard> step) {
    steps.computeIfAbsent(loop, unknown -> new ArrayList<>()).add(step);
  }

  private void onEach(Consumer<ListenShard> step) {
    for (EventLoop loop : loops.all()) {
      loop.execute(() -> step.accept(shards.get(loop.index())));
    }
  }
}
