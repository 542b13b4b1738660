package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadClients.Lane;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.Memory;
import io.millrace.benchmarks.server.Target;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Connections that do nothing, then subscribe: what the server needs for each. */
final class Connections {
  private final Settings settings;
  private final Target target;
  private final Problems problems = new Problems();

  /**
   * What to do.
   *
   * @param subscriptions of each connection, to the same records
   */
  record Settings(int connections, int subscriptions) {}

  /** What came of it. Memory is in KiB, of subscriptions in bytes. */
  record Result(
      String scenario,
      Settings settings,
      double rssKibPerConnection,
      double heapKibPerConnection,
      long rssMibOfProcess,
      Cost cpuMicrosPerConnection,
      @Nullable Double rssBytesPerSubscription,
      @Nullable Double heapBytesPerSubscription,
      @Nullable Cost cpuMicrosPerSubscription,
      long problems,
      List<String> firstProblems,
      Circumstances circumstances) {

    boolean good() {
      return problems == 0;
    }
  }

  Connections(Settings settings, Target target) {
    this.settings = settings;
    this.target = target;
  }

  /**
   * Runs it.
   *
   * @throws LoadException when it could not be done
   */
  Result run() throws IOException {
    long pid = target.pid().orElseThrow(() -> new LoadException("--server-pid is needed"));
    try (LoadClients clients = new LoadClients(target.host(), target.port(), target.path())) {
      // What the first connections cause to be loaded and compiled is not theirs.
      clients.open(Lane.WRITERS, Math.min(settings.connections(), 500), i -> new Idle(null));
      Memory atFirst = Memory.of(pid);
      Cost.Mark start = Cost.Mark.now(target);
      CountDownLatch answers =
          new CountDownLatch(settings.connections() * settings.subscriptions());
      List<LoadClient> sockets =
          clients.open(Lane.READERS, settings.connections(), i -> new Idle(answers));
      Cost.Mark connected = Cost.Mark.now(target);
      Memory idle = Memory.of(pid);
      Cost.Mark subscribing = Cost.Mark.now(target);
      subscribe(sockets, answers);
      Cost.Mark subscribed = Cost.Mark.now(target);
      Memory busy = settings.subscriptions() > 0 ? Memory.of(pid) : idle;
      long n = settings.connections();
      long k = n * settings.subscriptions();
      return new Result(
          "connect",
          settings,
          per(idle.rss() - atFirst.rss(), n),
          per(idle.heap() - atFirst.heap(), n),
          idle.rss() / 1024,
          start.until(connected, n),
          k == 0 ? null : per((busy.rss() - idle.rss()) * 1024, k),
          k == 0 ? null : per((busy.heap() - idle.heap()) * 1024, k),
          k == 0 ? null : subscribing.until(subscribed, k),
          problems.count(),
          problems.first(),
          Circumstances.now());
    }
  }

  private void subscribe(List<LoadClient> sockets, CountDownLatch answers) {
    List<RecordName> names =
        IntStream.range(0, settings.subscriptions())
            .mapToObj(i -> new RecordName("bench/shared/" + i))
            .toList();
    if (names.isEmpty()) {
      return;
    }
    var follow = new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "subscribe");
    sockets.forEach(socket -> socket.send(follow));
    try {
      if (!answers.await(60, TimeUnit.SECONDS)) {
        problems.add(answers.getCount() + " subscriptions got no state");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  private static double per(long amount, long units) {
    return Math.round(100.0 * amount / units) / 100.0;
  }

  /** Counts the states that it gets. */
  private final class Idle implements LoadClient.Listener {
    private final @Nullable CountDownLatch answers;

    Idle(@Nullable CountDownLatch answers) {
      this.answers = answers;
    }

    @Override
    public void received(ServerMessage message) {
      switch (message) {
        case RecordPush.ReadResponse read -> {
          if (answers != null) {
            answers.countDown();
          }
        }
        case RecordPush.Ack ack -> {}
        default -> problems.add("a connection got " + message.action());
      }
    }

    @Override
    public void lost(String reason) {
      problems.add("a connection: " + reason);
    }
  }
}
