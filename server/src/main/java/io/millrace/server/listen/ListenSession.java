package io.millrace.server.listen;

import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.EventLoop;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What one session listens for. Confined to the session's loop; what belongs to a name is handed to
 * the name's home loop.
 *
 * <p>Who does not read is not told of more names: they wait here, each until its time to be
 * answered is over, so there are never more of them than names are being asked for (P6).
 */
public final class ListenSession {

  /** Patterns of one socket. */
  static final int MAX_PATTERNS = 1_000;

  private final Subscriber subscriber;
  private final Listening listening;
  private final Map<String, Listened> patterns = new HashMap<>(0);

  /** What the client will be asked when it reads again. */
  private final Set<Question> unasked = new LinkedHashSet<>(0);

  private record Question(Listened pattern, String name) {}

  public ListenSession(Subscriber subscriber, Listening listening) {
    this.subscriber = subscriber;
    this.listening = listening;
  }

  /** LISTEN. */
  public void listen(String source) {
    if (patterns.containsKey(source)) {
      subscriber.send(listening.topic().listensAlready(source));
      everywhere(shard -> {}, shard -> {}, true, source);
      return;
    }
    Optional<ListenPattern> pattern = ListenPattern.compile(source);
    if (pattern.isEmpty()) {
      subscriber.send(listening.topic().invalid(source));
      return;
    }
    if (patterns.size() >= MAX_PATTERNS || !listening.takePlace()) {
      subscriber.send(listening.topic().denied(source));
      return;
    }
    Listened listened = new Listened(listening.newListener(), source);
    patterns.put(source, listened);
    everywhere(
        shard -> shard.listen(pattern.get(), listened),
        shard -> shard.announce(listened),
        true,
        source);
  }

  /** UNLISTEN. */
  public void unlisten(String source) {
    Listened listened = patterns.remove(source);
    if (listened == null) {
      return;
    }
    unasked.removeIf(question -> question.pattern() == listened);
    listening.givePlaces(1);
    everywhere(shard -> shard.unlisten(List.of(listened)), shard -> {}, false, source);
  }

  /** LISTEN_ACCEPT. */
  public void accept(String source, String name) {
    answer(source, name, ListenShard::accept);
  }

  /** LISTEN_REJECT. */
  public void reject(String source, String name) {
    answer(source, name, ListenShard::reject);
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    Iterator<Question> questions = unasked.iterator();
    while (questions.hasNext() && subscriber.isWritable()) {
      Question question = questions.next();
      questions.remove();
      ask(question);
    }
  }

  /** The connection is gone. */
  public void close() {
    if (patterns.isEmpty()) {
      return;
    }
    Collection<Listened> all = List.copyOf(patterns.values());
    patterns.clear();
    unasked.clear();
    listening.givePlaces(all.size());
    listening.everywhere(subscriber.loop(), shard -> shard.unlisten(all), () -> {});
  }

  private void everywhere(
      Listening.ShardStep step, Listening.ShardStep announcement, boolean listen, String source) {
    subscriber.requestStarted();
    listening.everywhereAndFar(
        subscriber.loop(),
        step,
        announcement,
        () -> {
          subscriber.send(listening.topic().ack(listen, source));
          subscriber.requestEnded();
        });
  }

  private interface AnswerStep {
    void apply(ListenShard shard, OwnListener listener, String name);
  }

  private void answer(String source, String name, AnswerStep step) {
    Listened listened = patterns.get(source);
    if (listened == null || unasked.contains(new Question(listened, name))) {
      return;
    }
    // Counted, so that a socket cannot fill another loop's queue without end.
    subscriber.requestStarted();
    BiConsumer<ListenShard, String> atHome = (shard, home) -> step.apply(shard, listened, home);
    listening.atHome(subscriber.loop(), name, atHome, subscriber::requestEnded);
  }

  private void ask(Question question) {
    subscriber.send(listening.topic().found(question.pattern().source, question.name()));
  }

  /** A pattern of this session, from LISTEN to UNLISTEN. Called on home loops of names. */
  private final class Listened implements OwnListener {
    private final long id;
    private final String source;

    Listened(long id, String source) {
      this.id = id;
      this.source = source;
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public String source() {
      return source;
    }

    @Override
    public void found(String name) {
      inSession(
          () -> {
            Question question = new Question(this, name);
            if (unasked.isEmpty() && subscriber.isWritable()) {
              ask(question);
            } else {
              unasked.add(question);
            }
          });
    }

    @Override
    public void removed(String name) {
      inSession(
          () -> {
            if (!unasked.remove(new Question(this, name))) {
              subscriber.send(listening.topic().removed(source, name));
            }
          });
    }

    @Override
    public void timedOut(String name) {
      inSession(
          () -> {
            if (!unasked.remove(new Question(this, name))) {
              subscriber.send(listening.topic().timedOut(name));
            }
          });
    }

    /** Does nothing if the client listens no longer: it has been told that, and expects no more. */
    private void inSession(Runnable step) {
      EventLoop loop = subscriber.loop();
      loop.run(
          () -> {
            if (patterns.get(source) == this) {
              step.run();
            }
          });
    }
  }
}
