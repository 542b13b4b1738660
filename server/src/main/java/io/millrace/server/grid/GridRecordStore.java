package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.Writer;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One shard's way to the owners of its records: sends processors to them, and loads from storage
 * what the grid does not hold yet. Confined to the shard's loop.
 *
 * <p><b>Order while loading.</b> A processor that finds no cell answers {@link
 * GridAnswer.NotLoaded} and has done nothing. The record is then loaded, and everything about it
 * that was asked meanwhile waits. Requests are numbered when they are made and sent again by
 * number: some that were on their way when the first answer came are answered with NotLoaded later,
 * but before the load is, because the owner carries out one thing after the other.
 */
final class GridRecordStore implements RecordStore {

  /** A load that took longer than removed records are remembered could bring one back to life. */
  static final Duration LOAD_VALID = Duration.ofSeconds(30);

  private static final int MAX_REFRESHES = 5;

  private record Request(
      long number, String name, CellProcessor processor, CompletableFuture<GridAnswer> answer) {}

  private final String node;
  private final EventLoop loop;
  private final IMap<String, RecordCell> map;
  private final PendingAcks acks;
  private final @Nullable RecordStorage storage;
  private final StorageScope storageScope;
  private final Executor blocking;
  private final Map<String, PriorityQueue<Request>> loading = new HashMap<>();
  private long requests;

  GridRecordStore(
      String node,
      EventLoop loop,
      IMap<String, RecordCell> map,
      PendingAcks acks,
      @Nullable RecordStorage storage,
      StorageScope storageScope,
      Executor blocking) {
    this.node = node;
    this.loop = loop;
    this.map = map;
    this.acks = acks;
    this.storage = storage;
    this.storageScope = storageScope;
    this.blocking = blocking;
  }

  @Override
  public CompletableFuture<RecordSnapshot> follow(RecordName name, boolean create) {
    return submit(name, new FollowProcessor(node, create, newIncarnation()))
        .thenApply(GridRecordStore::state);
  }

  @Override
  public void unfollow(RecordName name) {
    submit(name, new UnfollowProcessor(node)).exceptionally(failure -> new GridAnswer.Done());
  }

  @Override
  public CompletableFuture<RecordSnapshot> read(RecordName name) {
    return submit(name, new ReadProcessor(false)).thenApply(GridRecordStore::state);
  }

  @Override
  public CompletableFuture<Integer> head(RecordName name) {
    return submit(name, new ReadProcessor(true))
        .thenApply(
            answer -> {
              if (answer instanceof GridAnswer.Version version) {
                return version.version();
              }
              throw unexpected(answer);
            });
  }

  @Override
  public CompletableFuture<WriteResult> write(
      RecordName name, RecordCommand command, @Nullable Writer writer, boolean durable) {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    boolean waits = durable && storageScope.contains(name.value());
    // A log's position can wait for the next batch, a person can't.
    boolean urgent = !(command instanceof RecordCommand.ApplyDelta);
    AckTicket ticket = waits ? acks.open(name.value(), urgent, loop, stored) : null;
    WriteProcessor processor = new WriteProcessor(command, newIncarnation(), writer, ticket);
    return submit(name, processor)
        .handle(
            (answer, failure) -> {
              if (failure == null && answer instanceof GridAnswer.Written written) {
                if (ticket == null) {
                  stored.complete(null);
                } else if (written.durableLater()) {
                  acks.applied(ticket.id(), written.sequence());
                } else {
                  acks.cancel(ticket.id());
                  stored.complete(null);
                }
                return new WriteResult(written.outcome(), stored);
              }
              if (ticket != null) {
                acks.cancel(ticket.id());
              }
              throw failure == null ? unexpected(answer) : new GridException(failure);
            });
  }

  /**
   * What the grid has is stored first, then read back: a change of this node's own is not to be
   * taken for one from outside. If the record changes meanwhile, all of it is done again.
   */
  @Override
  public CompletableFuture<Void> refresh(RecordName name) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (storage == null || !storageScope.contains(name.value())) {
      done.complete(null);
    } else {
      refresh(name, done, MAX_REFRESHES);
    }
    return done;
  }

  private void refresh(RecordName name, CompletableFuture<Void> done, int attempts) {
    if (attempts == 0) {
      done.completeExceptionally(
          new StorageException(name + " changes too fast to be compared with storage", null));
      return;
    }
    CompletableFuture<Void> stored = new CompletableFuture<>();
    // Never confirmed by another owner: that would store over what is to be taken over.
    AckTicket ticket = acks.open(name.value(), true, loop, stored);
    Continuation.of(
        process(name.value(), new FlushProcessor(ticket)),
        (answer, failure) -> {
          if (answer instanceof GridAnswer.Sequence sequence) {
            Continuation.of(
                stored,
                (flushed, problem) -> {
                  if (problem != null) {
                    done.completeExceptionally(problem);
                    return;
                  }
                  replace(name, sequence.sequence(), done, attempts);
                });
            return;
          }
          acks.cancel(ticket.id());
          if (failure != null) {
            done.completeExceptionally(failure);
          } else {
            // Not in the grid: it will be read when somebody asks.
            done.complete(null);
          }
        });
  }

  private void replace(RecordName name, long sequence, CompletableFuture<Void> done, int attempts) {
    load(
        name.value(),
        stored ->
            Continuation.of(
                process(
                    name.value(),
                    new ReplaceProcessor(stored.orElse(null), sequence, newIncarnation())),
                (answer, failure) -> {
                  if (failure != null) {
                    done.completeExceptionally(failure);
                  } else if (answer instanceof GridAnswer.Sequence) {
                    refresh(name, done, attempts - 1);
                  } else {
                    done.complete(null);
                  }
                }),
        done::completeExceptionally);
  }

  private CompletableFuture<GridAnswer> submit(RecordName name, CellProcessor processor) {
    Request request = new Request(requests++, name.value(), processor, new CompletableFuture<>());
    PriorityQueue<Request> waiting = loading.get(request.name());
    if (waiting != null) {
      waiting.add(request);
    } else {
      send(request);
    }
    return request.answer();
  }

  private void send(Request request) {
    Continuation.of(
        process(request.name(), request.processor()),
        (answer, failure) -> answered(request, answer, failure));
  }

  /**
   * Has the owner run the processor; completes on this loop. The loop is passed as the executor:
   * else Hazelcast completes its stages on a pool, where answers overtake each other and the
   * changes that were published before them.
   */
  private CompletableFuture<@Nullable GridAnswer> process(String name, CellProcessor processor) {
    CompletableFuture<@Nullable GridAnswer> done = new CompletableFuture<>();
    try {
      var unused =
          map.submitToKey(name, processor)
              .whenCompleteAsync(
                  (answer, failure) -> {
                    if (failure == null) {
                      done.complete(answer);
                    } else {
                      done.completeExceptionally(failure);
                    }
                  },
                  loop);
    } catch (RuntimeException e) {
      // The grid is gone: the node stops.
      loop.execute(() -> done.completeExceptionally(e));
    }
    return done;
  }

  private void answered(Request request, @Nullable GridAnswer answer, @Nullable Throwable failure) {
    if (failure != null || answer == null) {
      request
          .answer()
          .completeExceptionally(
              failure == null ? new IllegalStateException("the grid gave no answer") : failure);
      return;
    }
    if (answer instanceof GridAnswer.StorageFull) {
      request
          .answer()
          .completeExceptionally(
              new StorageException("storage has been away for too long to keep changes", null));
      return;
    }
    if (!(answer instanceof GridAnswer.NotLoaded)) {
      request.answer().complete(answer);
      return;
    }
    PriorityQueue<Request> waiting = loading.get(request.name());
    if (waiting != null) {
      waiting.add(request);
      return;
    }
    waiting = new PriorityQueue<>(Comparator.comparingLong(Request::number));
    waiting.add(request);
    loading.put(request.name(), waiting);
    load(
        request.name(),
        stored -> loaded(request.name(), stored),
        failed -> loadFailed(request.name(), failed));
  }

  private interface Loaded {
    void accept(Optional<StoredRecord> stored);
  }

  private interface Failed {
    void accept(Throwable failure);
  }

  /** Reads storage on a thread that may block; answers on this loop. */
  private void load(String name, Loaded loaded, Failed failed) {
    RecordStorage source = storage;
    if (source == null) {
      throw new IllegalStateException("nothing is stored, so nothing can be loaded");
    }
    long started = System.nanoTime();
    blocking.execute(
        () -> {
          try {
            Optional<StoredRecord> stored = source.load(new RecordName(name));
            if (System.nanoTime() - started > LOAD_VALID.toNanos()) {
              throw new StorageException("reading " + name + " took too long", null);
            }
            loop.execute(() -> loaded.accept(stored));
          } catch (RuntimeException e) {
            loop.execute(() -> failed.accept(e));
          }
        });
  }

  private void loaded(String name, Optional<StoredRecord> stored) {
    boolean missing = stored.isEmpty() || stored.get().data() == null;
    if (missing && onlyReads(name)) {
      // A question about a name that is not there leaves nothing behind in the grid.
      take(name).forEach(request -> request.answer().complete(missing(request)));
      return;
    }
    Continuation.of(
        process(name, new InstallProcessor(stored.orElse(null))),
        (done, failure) -> installed(name, failure));
  }

  private void installed(String name, @Nullable Throwable failure) {
    if (failure != null) {
      loadFailed(name, failure);
      return;
    }
    take(name).forEach(this::send);
  }

  private void loadFailed(String name, Throwable failure) {
    take(name).forEach(request -> request.answer().completeExceptionally(failure));
  }

  private boolean onlyReads(String name) {
    PriorityQueue<Request> waiting = loading.get(name);
    return waiting != null
        && waiting.stream().allMatch(request -> request.processor() instanceof ReadProcessor);
  }

  private static GridAnswer missing(Request request) {
    return request.processor() instanceof ReadProcessor read
        ? read.missing()
        : new GridAnswer.Done();
  }

  /** All that waited for the name, in the order in which it was asked. */
  private List<Request> take(String name) {
    PriorityQueue<Request> waiting = loading.remove(name);
    List<Request> ordered = new ArrayList<>();
    while (waiting != null && !waiting.isEmpty()) {
      ordered.add(waiting.poll());
    }
    return ordered;
  }

  /** Later lives have higher numbers, also after everything about the earlier ones is forgotten. */
  private static long newIncarnation() {
    return System.currentTimeMillis();
  }

  private static RecordSnapshot state(GridAnswer answer) {
    if (answer instanceof GridAnswer.State state) {
      return state.snapshot();
    }
    throw unexpected(answer);
  }

  private static IllegalStateException unexpected(@Nullable GridAnswer answer) {
    return new IllegalStateException("the grid answered " + answer);
  }
}
