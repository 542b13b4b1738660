package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.server.listen.ListenRig.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Eight sockets, on one node or three, subscribe, listen, answer, keep silent and leave in random
 * order, while links break and heal, nodes die and come, and nodes disagree about who is a member.
 * Each client judges by what it was sent whether the server keeps its word; and when all is quiet,
 * the clients together must agree on who provides what.
 */
final class ListeningRandomTest {
  private static final int RUNS = 300;
  private static final int STEPS = 400;
  private static final int SOCKETS = 8;
  private static final List<String> PATTERNS = List.of("^a", "[13]$", "b/[0-9]", ".*");
  private static final List<String> NAMES = List.of("a/1", "a/2", "b/1", "b/3", "c/2");

  /** What a client makes of a name that it was offered. */
  private enum Offer {
    ASKED,
    ACCEPTED,
    /** The time was over before the client had said anything. */
    MISSED,
    /** The client has accepted, but too late: it may or may not provide. */
    LATE,
    /**
     * As before, and asked once more: the late answer may be taken for the one to this question.
     */
    ASKED_AGAIN;

    boolean isOpen() {
      return this == ASKED || this == ASKED_AGAIN;
    }

    boolean isOver() {
      return this == MISSED || this == LATE;
    }
  }

  private record Key(String pattern, String name) {}

  @ParameterizedTest
  @EnumSource
  void whateverHappensThereIsOneProviderForWhoeverWantsOne(ListenTopic topic) {
    play(topic, 1);
  }

  @ParameterizedTest
  @EnumSource
  void whateverHappensThereIsOneProviderInTheWholeCluster(ListenTopic topic) {
    play(topic, 3);
  }

  private static void play(ListenTopic topic, int nodes) {
    for (long seed = 0; seed < RUNS; seed++) {
      try {
        new Run(topic, seed, nodes).play();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(topic + " on " + nodes + " nodes with seed " + seed, e);
      }
    }
  }

  private static final class Run {
    private final ListenTopic topic;
    private final Random random;
    private final ListenCluster cluster;
    private final List<Client> clients = new ArrayList<>();

    Run(ListenTopic topic, long seed, int nodes) {
      this.topic = topic;
      this.random = new Random(seed);
      this.cluster = new ListenCluster(topic, seed, nodes);
      IntStream.range(0, SOCKETS).forEach(i -> clients.add(new Client(i)));
    }

    void play() {
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      cluster.heal();
      calmDown();
      checkThatTheUnrefusedAreTaken();
      // Whoever refused is asked again, and again when that was too soon.
      for (int i = 0; i < 2; i++) {
        cluster.advance(ListenRig.REMATCH_INTERVAL);
        calmDown();
      }
      check();
      clients.forEach(Client::unsubscribeAll);
      calmDown();
      checkThatAllIsOver();
    }

    private void step() {
      Client client = pick(clients);
      switch (random.nextInt(20)) {
        case 0, 1, 2 -> client.subscribe(pick(NAMES));
        case 3, 4 -> client.unsubscribe(pick(NAMES));
        case 5, 6 -> client.listen(pick(PATTERNS));
        case 7 -> client.unlisten(pick(PATTERNS));
        case 8, 9, 10, 11 -> client.answerOne();
        case 12 -> client.haunt();
        case 13 -> cluster.advance(Duration.ofMillis(random.nextInt(300)));
        case 14 -> pick(cluster.nodes()).answerOne();
        case 15 -> leave(client);
        case 16 -> delete(client);
        case 17 -> disturb();
        default -> runSome();
      }
    }

    private void disturb() {
      switch (random.nextInt(6)) {
        case 0, 1 -> cluster.cutOrMend(random);
        case 2, 3 -> cluster.changeAView(random);
        case 4 -> cluster.seeAll(random);
        default -> {
          if (cluster.count() > 1 && random.nextInt(4) == 0) {
            ListenRig dead = cluster.replaceOne(random);
            clients.replaceAll(each -> each.node == dead ? new Client(each.index) : each);
          }
        }
      }
    }

    private void runSome() {
      for (int i = random.nextInt(12); i > 0; i--) {
        cluster.runOne(random);
      }
      clients.forEach(Client::listenToServer);
    }

    private void leave(Client client) {
      if (random.nextInt(3) == 0) {
        client.socket.closes();
        clients.set(clients.indexOf(client), new Client(client.index));
      }
    }

    /** With nobody else talking, so that it is known whose subscriptions end. */
    private void delete(Client client) {
      if (topic == ListenTopic.RECORD && random.nextInt(3) == 0) {
        hearAll();
        client.socket.deletes(pick(NAMES));
        hearAll();
      }
    }

    private void hearAll() {
      cluster.settle();
      clients.forEach(Client::listenToServer);
    }

    /** No more surprises: whoever is asked answers what it really thinks, until nobody is asked. */
    private void calmDown() {
      for (int round = 0; round < 200; round++) {
        hearAll();
        boolean answered = false;
        for (Client client : clients) {
          answered |= client.answerAll();
        }
        if (!answered && cluster.isQuiet()) {
          if (round > 0 && !cluster.pass()) {
            return;
          }
        }
      }
      throw new AssertionError("it never ends");
    }

    private void checkThatTheUnrefusedAreTaken() {
      for (String name : NAMES) {
        boolean someone = clients.stream().anyMatch(client -> client.mustBeAskedFor(name));
        if (isSubscribed(name) && someone) {
          assertThat(providers(name)).as("providers of " + name).isNotEmpty();
        }
      }
    }

    private void check() {
      for (String name : NAMES) {
        List<String> providers = providers(name);
        List<String> accepted = offers(name, Offer.ACCEPTED);
        assertThat(accepted).as("providers of " + name).hasSizeLessThanOrEqualTo(1);
        boolean willing = clients.stream().anyMatch(client -> client.listensWillinglyFor(name));
        if (isSubscribed(name) && willing) {
          assertThat(providers).as("providers of " + name).isNotEmpty();
        }
        if (!isSubscribed(name)) {
          assertThat(accepted).as("providers of " + name + ", which nobody wants").isEmpty();
        }
        if (topic == ListenTopic.RECORD) {
          checkSubscribers(name, accepted, providers);
        }
      }
    }

    private void checkSubscribers(String name, List<String> accepted, List<String> providers) {
      Set<Boolean> told = new HashSet<>();
      for (Client client : clients) {
        if (client.subscriptions.containsKey(name)) {
          told.add(client.subscriptions.get(name));
        }
      }
      assertThat(told).as("what subscribers of %s know", name).hasSizeLessThanOrEqualTo(1);
      if (told.contains(true)) {
        assertThat(providers).as("providers of " + name).isNotEmpty();
      }
      if (told.contains(false)) {
        assertThat(accepted).as("providers of " + name).isEmpty();
      }
    }

    private void checkThatAllIsOver() {
      for (String name : NAMES) {
        assertThat(offers(name, Offer.ASKED)).isEmpty();
        assertThat(offers(name, Offer.ASKED_AGAIN)).isEmpty();
        assertThat(offers(name, Offer.ACCEPTED)).isEmpty();
      }
      assertThat(cluster.nodes()).allMatch(ListenRig::isIdle);
    }

    private boolean isSubscribed(String name) {
      return clients.stream().anyMatch(client -> client.subscriptions.containsKey(name));
    }

    private List<String> providers(String name) {
      List<String> all = new ArrayList<>(offers(name, Offer.ACCEPTED));
      all.addAll(offers(name, Offer.LATE));
      return all;
    }

    private List<String> offers(String name, Offer wanted) {
      List<String> found = new ArrayList<>();
      for (Client client : clients) {
        client.offers.forEach(
            (key, offer) -> {
              if (offer == wanted && key.name().equals(name)) {
                found.add("socket " + client.index + " by " + key.pattern());
              }
            });
      }
      return found;
    }

    private <T> T pick(Collection<T> all) {
      return all.stream().skip(random.nextInt(all.size())).findFirst().orElseThrow();
    }

    private final class Client {
      private final int index;
      private final ListenRig node;
      private final Socket socket;
      private final Set<String> patterns = new HashSet<>();

      /** Names that are subscribed to, and whether the server has said that they are provided. */
      private final Map<String, Boolean> subscriptions = new TreeMap<>();

      private final Map<Key, Offer> offers = new LinkedHashMap<>();
      private final Set<Key> refused = new HashSet<>();
      private final Set<Key> answered = new HashSet<>();

      /** What was removed when it had accepted: that may have been said before it was heard. */
      private final Set<Key> crossed = new HashSet<>();

      /** What was ended and is not acknowledged: the server may still speak of it. */
      private final Set<String> ending = new HashSet<>();

      private final Deque<String> unsubscribing = new ArrayDeque<>();

      Client(int index) {
        this.index = index;
        this.node = pick(cluster.nodes());
        this.socket = node.socket(index % 2);
      }

      private boolean isWilling(String name) {
        return (index + name.charAt(0)) % 3 != 0;
      }

      boolean listensWillinglyFor(String name) {
        return isWilling(name) && patterns.stream().anyMatch(pattern -> matches(pattern, name));
      }

      boolean mustBeAskedFor(String name) {
        return isWilling(name)
            && patterns.stream()
                .anyMatch(
                    pattern -> matches(pattern, name) && !refused.contains(new Key(pattern, name)));
      }

      private static boolean matches(String pattern, String name) {
        return Pattern.compile(pattern).matcher(name).find();
      }

      // --- what it does

      void subscribe(String name) {
        if (!subscriptions.containsKey(name) && !unsubscribing.contains(name)) {
          subscriptions.put(name, false);
          socket.subscribes(name);
        }
      }

      void unsubscribe(String name) {
        if (subscriptions.remove(name) != null) {
          unsubscribing.add(name);
          socket.unsubscribes(name);
        }
      }

      void unsubscribeAll() {
        List.copyOf(subscriptions.keySet()).forEach(this::unsubscribe);
      }

      void listen(String pattern) {
        if (!ending.contains(pattern) && patterns.add(pattern)) {
          socket.listens(pattern);
          refused.removeIf(key -> key.pattern().equals(pattern));
        }
      }

      void unlisten(String pattern) {
        if (patterns.remove(pattern)) {
          ending.add(pattern);
          socket.unlistens(pattern);
          offers.keySet().removeIf(key -> key.pattern().equals(pattern));
        }
      }

      /** Answers for what it was not asked, or for what somebody else was asked. */
      void haunt() {
        String pattern = pick(PATTERNS);
        if (!patterns.contains(pattern)) {
          socket.accepts(pattern, pick(NAMES));
          socket.rejects(pattern, pick(NAMES));
        }
        String held = pick(NAMES);
        Key key = new Key(pattern, held);
        if (offers.get(key) == Offer.ACCEPTED) {
          socket.accepts(pattern, held);
        }
      }

      void answerOne() {
        if (offers.isEmpty()) {
          return;
        }
        Key key = pick(offers.keySet());
        Offer offer = Objects.requireNonNull(offers.get(key));
        if (offer.isOpen() && random.nextInt(3) == 0) {
          reject(key);
        } else if (offer.isOpen()) {
          accept(key, Offer.ACCEPTED);
        } else if (offer == Offer.MISSED && isWilling(key.name())) {
          accept(key, Offer.LATE);
        }
      }

      boolean answerAll() {
        boolean answered = false;
        for (Key key : List.copyOf(offers.keySet())) {
          if (Objects.requireNonNull(offers.get(key)).isOpen()) {
            answered = true;
            if (isWilling(key.name())) {
              accept(key, Offer.ACCEPTED);
            } else {
              reject(key);
            }
          }
        }
        return answered;
      }

      private void accept(Key key, Offer next) {
        offers.put(key, next);
        answered.add(key);
        socket.accepts(key.pattern(), key.name());
      }

      private void reject(Key key) {
        offers.remove(key);
        refused.add(key);
        answered.add(key);
        socket.rejects(key.pattern(), key.name());
      }

      // --- what it hears

      void listenToServer() {
        for (ServerMessage message : socket.subscriber.take()) {
          switch (message) {
            case EventPush.Ack ack when ack.action() == EventAction.UNLISTEN ->
                ending.remove(ack.name());
            case RecordPush.Ack ack when ack.action() == RecordAction.UNLISTEN ->
                ending.remove(ack.name());
            case EventPush.Ack ack when ack.action() == EventAction.UNSUBSCRIBE ->
                unsubscribing.remove();
            case RecordPush.Ack ack when ack.action() == RecordAction.UNSUBSCRIBE ->
                unsubscribing.remove();
            case EventPush.PatternMatch match ->
                matched(
                    match.action() == EventAction.SUBSCRIPTION_FOR_PATTERN_FOUND,
                    new Key(match.pattern(), match.subscription()));
            case RecordPush.PatternMatch match ->
                matched(
                    match.action() == RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND,
                    new Key(match.pattern(), match.subscription()));
            case EventPush.ListenTimeout timeout -> timedOut(timeout.subscription());
            case RecordPush.ListenTimeout timeout -> timedOut(timeout.subscription());
            case RecordPush.ProviderState state -> told(state);
            case RecordPush.Deleted deleted -> subscriptions.remove(deleted.name().value());
            case RecordPush.DeleteSuccess deleted -> subscriptions.remove(deleted.name().value());
            default -> {}
          }
        }
      }

      private void matched(boolean found, Key key) {
        if (ending.contains(key.pattern())) {
          return;
        }
        assertThat(patterns).as("patterns of socket " + index).contains(key.pattern());
        assertThat(matches(key.pattern(), key.name())).as(key.toString()).isTrue();
        Offer before = offers.remove(key);
        if (!found && before == Offer.ACCEPTED) {
          crossed.add(key);
          if (cluster.count() > 1) {
            // It may have said yes to one coordinator that was asked by another: silence, to that.
            refused.add(key);
          }
        }
        if (found) {
          boolean accepted =
              before == Offer.LATE || before == Offer.ACCEPTED || crossed.contains(key);
          offers.put(key, accepted ? Offer.ASKED_AGAIN : Offer.ASKED);
        }
        if (found) {
          // A refusal that comes when the time is over may be taken for the answer to this
          // question.
          // A coordinator that takes over does not know who was asked by another.
          boolean byAnother = cluster.count() > 1;
          assertThat(before == null || before.isOver() || refused.contains(key) || byAnother)
              .as("%s is found by socket %d, which was %s", key, index, before)
              .isTrue();
        } else {
          // To an answer that has crossed another message, there may be nothing else to be said.
          assertThat(before != null || answered.contains(key))
              .as("%s is removed from socket %d", key, index)
              .isTrue();
        }
      }

      /** The message does not say which pattern it is about: the one that was asked longest ago. */
      private void timedOut(String name) {
        for (Map.Entry<Key, Offer> each : offers.entrySet()) {
          boolean open = each.getValue().isOpen() || each.getValue() == Offer.ACCEPTED;
          if (open && each.getKey().name().equals(name)) {
            each.setValue(each.getValue() == Offer.ASKED ? Offer.MISSED : Offer.LATE);
            refused.add(each.getKey());
            return;
          }
        }
        boolean ended =
            !ending.isEmpty() || refused.stream().anyMatch(key -> key.name().equals(name));
        assertThat(ended || cluster.count() > 1)
            .as("socket %d was asked for %s", index, name)
            .isTrue();
      }

      private void told(RecordPush.ProviderState state) {
        String name = state.name().value();
        if (unsubscribing.contains(name)) {
          return;
        }
        boolean provided = state.action() == RecordAction.SUBSCRIPTION_HAS_PROVIDER;
        Boolean before = subscriptions.put(name, provided);
        assertThat(before).as("socket %d was told of %s", index, state).isEqualTo(!provided);
      }
    }
  }
}
