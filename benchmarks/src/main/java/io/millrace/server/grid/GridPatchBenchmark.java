package io.millrace.server.grid;

import io.millrace.benchmarks.SeatRecords;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.record.PathWrite;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.transport.Continuation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does the grid add to a patch, and does that depend on the record's size? One member, no
 * storage, 64 patches in flight over 16 records that this node follows: the way from the home loop
 * to the partition thread and back, with the change published. The time is that of the pipeline, in
 * which two threads take part, and not CPU time.
 *
 * <pre>bin/millrace bench jmh GridPatchBenchmark -bm sample -tu ns -prof gc</pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GridPatchBenchmark {
  private static final int IN_FLIGHT = 64;
  private static final int RECORDS = 16;

  @Param({"100", "1000", "5000", "20000"})
  private int seats;

  private final BenchmarkLoop loop = new BenchmarkLoop();
  private final Random random = new Random(1);
  private final List<RecordName> names = new ArrayList<>();
  private final Grid grid =
      Grid.start(
          ConfigLoader.parse("server: { host: 127.0.0.1, port: 0 }\nstorage: { type: none }\n"),
          null,
          new RecordFollower() {
            @Override
            public void changed(String owner, RecordChange change) {}

            @Override
            public void reconcile(Set<String> lost) {}
          },
          new NoObserver());
  private final RecordStore store = grid.store(loop);

  /** Creates the records and has this node follow them. */
  @Setup
  public void prepare() {
    for (int i = 0; i < RECORDS; i++) {
      RecordName name = new RecordName("venue/hall/" + i);
      names.add(name);
      onLoop(() -> store.follow(name, true));
      onLoop(
          () ->
              store.write(
                  name,
                  new RecordCommand.Replace(
                      RecordCommand.ANY_VERSION,
                      true,
                      SeatRecords.tree(seats),
                      SeatRecords.record(seats)),
                  null,
                  false));
    }
  }

  /** Leaves nothing behind. */
  @TearDown
  public void stop() {
    grid.close();
    loop.close();
  }

  @Benchmark
  @OperationsPerInvocation(IN_FLIGHT)
  public void patch() {
    onLoop(
        () -> {
          CompletableFuture<?>[] all = new CompletableFuture<?>[IN_FLIGHT];
          for (int i = 0; i < IN_FLIGHT; i++) {
            all[i] = patch(names.get(i % RECORDS));
          }
          return CompletableFuture.allOf(all);
        });
  }

  private CompletableFuture<?> patch(RecordName name) {
    JsonText seat = SeatRecords.seat(1);
    PathWrite write =
        new PathWrite(
            JsonPath.parse(SeatRecords.path(random.nextInt(seats))).orElseThrow(),
            Json.parse(seat).orElseThrow(),
            seat);
    return store
        .write(
            name,
            new RecordCommand.WritePaths(RecordCommand.ANY_VERSION, false, List.of(write)),
            null,
            false)
        .thenAccept(
            result -> {
              if (!(result.outcome() instanceof WriteOutcome.Applied)) {
                throw new IllegalStateException("not applied: " + result.outcome());
              }
            });
  }

  private void onLoop(Supplier<CompletableFuture<?>> task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () ->
            Continuation.of(
                task.get(),
                (result, failure) -> {
                  if (failure == null) {
                    done.complete(null);
                  } else {
                    done.completeExceptionally(failure);
                  }
                }));
    done.join();
  }

  private static final class NoObserver implements StorageObserver {
    @Override
    public void stored(int count, long nanos) {}

    @Override
    public void failed() {}

    @Override
    public void evicted(int records) {}
  }
}
