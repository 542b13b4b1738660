package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadClients.Lane;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.Target;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Remote calls: what one costs that is answered at once, and how long callers wait whose provider
 * is killed. Callers live on the readers' thread, providers on the writers'.
 */
final class Calls {
  private static final int PATIENCE_SECONDS = 90;
  private static final JsonText ARGUMENT = new JsonText("{\"seat\":\"12-7\",\"row\":12}");

  private final Settings settings;
  private final Target target;
  private final Problems problems = new Problems();
  private final String procedure = "bench/" + System.nanoTime();

  /** What to do. */
  record Settings(int callers, int inFlight, int callsPerCaller, int openAtFailover) {}

  /**
   * What came of it.
   *
   * @param failoverMillis from the kill to each answer: half of the calls had been accepted and end
   *     with an error, the others are answered by another provider
   */
  record Result(
      String scenario,
      Settings settings,
      Cost cpuMicrosPerCall,
      Percentiles latencyMillis,
      Percentiles failoverMillis,
      long answeredByOther,
      long endedWithError,
      long problems,
      List<String> firstProblems,
      Circumstances circumstances)
      implements Rounds.Measured {

    @Override
    public boolean good() {
      return problems == 0;
    }

    @Override
    public @Nullable Double cpuMicros() {
      return cpuMicrosPerCall.server();
    }
  }

  Calls(Settings settings, Target target) {
    this.settings = settings;
    this.target = target;
  }

  Result run() {
    try (LoadClients clients = new LoadClients(target.host(), target.port(), target.path())) {
      Provider answering = new Provider(true);
      LoadClient answeringSocket = provide(clients, answering, procedure);

      CountDownLatch done = new CountDownLatch(settings.callers());
      Histogram latencies = histogram();
      List<Caller> callers =
          IntStream.range(0, settings.callers())
              .mapToObj(i -> new Caller(latencies, done))
              .toList();
      List<LoadClient> sockets =
          clients.open(Lane.READERS, settings.callers(), i -> callers.get(i));
      Cost.Mark before = Cost.Mark.now(target);
      clients.onLane(
          Lane.READERS,
          () -> {
            for (int i = 0; i < sockets.size(); i++) {
              callers.get(i).start(sockets.get(i));
            }
          });
      await(done, "answers to all calls");
      Cost.Mark after = Cost.Mark.now(target);
      answeringSocket.close();

      Failover failover = failOver(clients);
      return new Result(
          "rpc",
          settings,
          before.until(after, (long) settings.callers() * settings.callsPerCaller()),
          Percentiles.of(latencies),
          Percentiles.of(failover.waits),
          failover.answered,
          failover.errors,
          problems.count(),
          problems.first(),
          Circumstances.now());
    }
  }

  private Failover failOver(LoadClients clients) {
    String name = procedure + "/failover";
    int open = settings.openAtFailover();
    Provider doomed = new Provider(false);
    LoadClient doomedSocket = provide(clients, doomed, name);
    Failover failover = new Failover(open);
    LoadClient caller = clients.open(Lane.READERS, 1, i -> failover).getFirst();
    for (int i = 0; i < open; i++) {
      caller.send(new RpcRequest.Call(name, "f" + i, ARGUMENT));
    }
    await(doomed.received, open, "the calls at the provider that is to be killed");
    for (int i = 0; i < open; i += 2) {
      doomedSocket.send(new RpcRequest.Answer(RpcAction.ACCEPT, name, "f" + i, null));
    }
    await(failover.accepted, (open + 1) / 2, "accepts");
    provide(clients, new Provider(true), name);
    clients.onLane(Lane.READERS, () -> failover.killedNs = System.nanoTime());
    doomedSocket.close();
    await(failover.done, "answers after the provider's end");
    return failover;
  }

  private LoadClient provide(LoadClients clients, Provider provider, String name) {
    LoadClient socket = clients.open(Lane.WRITERS, 1, i -> provider).getFirst();
    clients.onLane(Lane.WRITERS, () -> provider.socket = socket);
    socket.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of(name), "p"));
    await(provider.acknowledged, "the acknowledgement of a provider");
    return socket;
  }

  private static Histogram histogram() {
    return new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
  }

  private static void await(CountDownLatch latch, String what) {
    try {
      if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new LoadException("not within " + PATIENCE_SECONDS + " s: " + what);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  private static void await(Semaphore permits, int count, String what) {
    try {
      if (!permits.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new LoadException("not within " + PATIENCE_SECONDS + " s: " + what);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  /** Answers at once, or leaves calls open. Confined to the writers' thread. */
  private final class Provider implements LoadClient.Listener {
    private final boolean answers;
    private final CountDownLatch acknowledged = new CountDownLatch(1);
    private final Semaphore received = new Semaphore(0);
    private @Nullable LoadClient socket;

    Provider(boolean answers) {
      this.answers = answers;
    }

    @Override
    public void received(ServerMessage message) {
      switch (message) {
        case RpcPush.Ack ack -> acknowledged.countDown();
        case RpcPush.Call call -> {
          received.release();
          if (answers && socket != null) {
            socket.send(
                new RpcRequest.Answer(
                    RpcAction.RESPONSE, call.name(), call.correlationId(), call.data()));
          }
        }
        default -> problems.add("a provider got " + message.action());
      }
    }

    @Override
    public void lost(String reason) {
      problems.add("a provider: " + reason);
    }
  }

  /** Calls again when it has an answer. Confined to the readers' thread. */
  private final class Caller implements LoadClient.Listener {
    private final Histogram latencies;
    private final CountDownLatch done;
    private final long[] sentNs = new long[settings.callsPerCaller()];
    private @Nullable LoadClient socket;
    private int sent;
    private int answered;

    Caller(Histogram latencies, CountDownLatch done) {
      this.latencies = latencies;
      this.done = done;
    }

    void start(LoadClient own) {
      socket = own;
      for (int i = 0; i < Math.min(settings.inFlight(), sentNs.length); i++) {
        next(own);
      }
    }

    private void next(LoadClient own) {
      sentNs[sent] = System.nanoTime();
      own.send(new RpcRequest.Call(procedure, Integer.toString(sent), ARGUMENT));
      sent++;
    }

    @Override
    public void received(ServerMessage message) {
      if (!(message instanceof RpcPush.Answer answer)
          || answer.action() != RpcAction.RESPONSE
          || !ARGUMENT.equals(answer.data())) {
        problems.add("a caller got " + message.action());
        return;
      }
      latencies.recordValue(System.nanoTime() - sentNs[Integer.parseInt(answer.correlationId())]);
      answered++;
      if (answered == sentNs.length) {
        done.countDown();
      } else if (sent < sentNs.length && socket != null) {
        next(socket);
      }
    }

    @Override
    public void lost(String reason) {
      problems.add("a caller: " + reason);
    }
  }

  /** Has calls open whose provider is killed. Confined to the readers' thread, but for the end. */
  private final class Failover implements LoadClient.Listener {
    private final Histogram waits = histogram();
    private final Semaphore accepted = new Semaphore(0);
    private final CountDownLatch done;
    private long killedNs;
    private long answered;
    private long errors;

    Failover(int open) {
      this.done = new CountDownLatch(open);
    }

    @Override
    public void received(ServerMessage message) {
      switch (message) {
        case RpcPush.Answer answer when answer.action() == RpcAction.ACCEPT -> accepted.release();
        case RpcPush.Answer answer when answer.action() == RpcAction.RESPONSE -> {
          answered++;
          ended();
        }
        case RpcPush.Failure failure when failure.action() == RpcAction.RESPONSE_TIMEOUT -> {
          errors++;
          ended();
        }
        default -> problems.add("a caller got " + message.action());
      }
    }

    private void ended() {
      waits.recordValue(System.nanoTime() - killedNs);
      done.countDown();
    }

    @Override
    public void lost(String reason) {
      problems.add("a caller: " + reason);
    }
  }
}
