package io.millrace.server.endtoend.lab;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Listens for records of its own pattern, and follows one of each such pattern. */
final class PatternClient extends Client {
  private final int patterns;
  private final Set<String> matched = new TreeSet<>();
  private final Set<String> provided = new TreeSet<>();

  /**
   * @param patterns how many there are, one for each node
   */
  PatternClient(String name, TestCluster cluster, int node, int patterns, History history) {
    super(name, cluster, node, history);
    this.patterns = patterns;
  }

  private static String feed(int provider, int subscriber) {
    return "feed-" + provider + "/s-" + subscriber;
  }

  @Override
  void connected() {
    boolean unused = send(new RecordRequest.Listen(RecordAction.LISTEN, "feed-" + node() + "/.*"));
    List<RecordName> names = new ArrayList<>();
    for (int i = 0; i < patterns; i++) {
      names.add(new RecordName(feed(i, node())));
    }
    unused = send(new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "0"));
  }

  @Override
  synchronized void received(ServerMessage message) {
    switch (message) {
      case RecordPush.PatternMatch it
          when it.action() == RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND -> {
        matched.add(it.subscription());
        boolean unused =
            send(
                new RecordRequest.ListenAnswer(
                    RecordAction.LISTEN_ACCEPT, it.pattern(), it.subscription()));
      }
      case RecordPush.PatternMatch it -> matched.remove(it.subscription());
      case RecordPush.ListenTimeout it -> matched.remove(it.subscription());
      case RecordPush.ProviderState it when it.action() == RecordAction.SUBSCRIPTION_HAS_PROVIDER ->
          provided.add(it.name().value());
      case RecordPush.ProviderState it -> provided.remove(it.name().value());
      case RecordPush.Failure it -> hangUp();
      default -> {}
    }
  }

  @Override
  synchronized void disconnected() {
    matched.clear();
    provided.clear();
  }

  /** What is not as it has to be while these nodes are there; empty if nothing is. */
  synchronized String difference(List<Integer> alive) {
    Set<String> subscribers = new TreeSet<>();
    Set<String> providers = new TreeSet<>();
    for (int other : alive) {
      subscribers.add(feed(node(), other));
      providers.add(feed(other, node()));
    }
    if (matched.equals(subscribers) && provided.equals(providers)) {
      return "";
    }
    return "%s provides %s, not %s; is provided with %s, not %s"
        .formatted(name(), matched, subscribers, provided, providers);
  }
}
