package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.IndeterminateOperationStateException;
import com.hazelcast.core.OperationTimeoutException;
import com.hazelcast.map.IMap;
import com.hazelcast.spi.exception.RetryableException;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.observability.LogThrottle;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.RecordSnapshot;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.server.record.WriteOutcome;
import io.millrace.server.record.Writer;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's way to the owners of its records: sends processors to them, and loads from storage
 * what the grid does not hold yet. Confined to the shard's loop.
 *
 * <p><b>Order.</b> A processor that finds no cell answers {@link GridAnswer.NotLoaded} and has done
 * nothing. The record is then loaded, and everything about it that was asked meanwhile waits in its
 * {@link Lane}. In the same way requests wait while an owner has its signature copied ({@link
 * GridAnswer.NotClaimed}), and while one has been lost: nobody can say then what became of a
 * request, so it is sent again, and the owner recognises what it has done already.
 */
final class GridRecordStore implements RecordStore {
  private static final Logger LOG = LoggerFactory.getLogger(GridRecordStore.class);

  /** A load that took longer than removed records are remembered could bring one back to life. */
  static final Duration LOAD_VALID = Duration.ofSeconds(30);

  private static final int MAX_REFRESHES = 5;

  /** Longer than it takes until a node that is silent is given up and has a successor. */
  private static final Duration RETRY_FOR = Duration.ofSeconds(25);

  private static final long FIRST_BACKOFF_MS = 20;
  private static final long LAST_BACKOFF_MS = 1_000;

  private static final class Request implements Lane.Numbered {
    final long number;
    final String name;
    final CellProcessor processor;
    final CompletableFuture<GridAnswer> answer = new CompletableFuture<>();
    final long sinceNs = System.nanoTime();
    int failures;

    Request(long number, String name, CellProcessor processor) {
      this.number = number;
      this.name = name;
      this.processor = processor;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public boolean isOver() {
      return answer.isDone();
    }

    boolean isOverdue() {
      return System.nanoTime() - sinceNs > RETRY_FOR.toNanos();
    }
  }

  private final String node;
  private final EventLoop loop;
  private final IMap<String, RecordCell> map;
  private final PendingAcks acks;
  private final @Nullable RecordStorage storage;
  private final StorageScope storageScope;
  private final Executor blocking;
  private final Claims claims;
  private final OpenRequests openRequests;
  private final Map<String, Lane<Request>> lanes = new HashMap<>();
  private final LogThrottle unknowns = new LogThrottle();
  private final LogThrottle failed = new LogThrottle();

  /** Where the ids of this store's writes begin: nobody else's are near. */
  private final long firstWriteId = ThreadLocalRandom.current().nextLong();

  private long requests;

  GridRecordStore(
      String node,
      EventLoop loop,
      IMap<String, RecordCell> map,
      PendingAcks acks,
      @Nullable RecordStorage storage,
      StorageScope storageScope,
      Executor blocking,
      Claims claims,
      OpenRequests openRequests) {
    this.node = node;
    this.loop = loop;
    this.map = map;
    this.acks = acks;
    this.storage = storage;
    this.storageScope = storageScope;
    this.blocking = blocking;
    this.claims = claims;
    this.openRequests = openRequests;
  }

  @Override
  public CompletableFuture<RecordSnapshot> follow(RecordName name, boolean create) {
    return submit(name, new FollowProcessor(node, create, newIncarnation()))
        .thenApply(GridRecordStore::state);
  }

  @Override
  public CompletableFuture<Comparison> compare(RecordName name, long incarnation, int version) {
    return submit(name, new CompareProcessor(node, incarnation, version))
        .thenApply(
            answer -> {
              if (answer instanceof GridAnswer.Different different) {
                return new Comparison(false, different.snapshot(), different.movedPast());
              }
              if (answer instanceof GridAnswer.Done) {
                return Comparison.SAME;
              }
              throw unexpected(answer);
            });
  }

  @Override
  public void unfollow(RecordName name) {
    submit(name, new UnfollowProcessor(node)).exceptionally(failure -> new GridAnswer.Done());
  }

  @Override
  public boolean isShared() {
    return claims.isClustered();
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
      RecordName name,
      RecordCommand command,
      @Nullable Writer writer,
      boolean durable,
      @Nullable TraceContext trace) {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    if (claims.isMinority()) {
      stored.complete(null);
      return CompletableFuture.completedFuture(
          new WriteResult(new WriteOutcome.Minority(), stored));
    }
    boolean waits = durable && storageScope.contains(name.value());
    // A log's position can wait for the next batch, a person can't.
    boolean urgent = !(command instanceof RecordCommand.ApplyDelta);
    AckTicket ticket = waits ? acks.open(name.value(), urgent, loop, stored) : null;
    WriteProcessor processor =
        new WriteProcessor(
                command, newIncarnation(), writer, ticket, writeId(command), openId(name.value()))
            .tracedBy(trace);
    return submit(name, processor)
        .handle(
            (answer, failure) -> {
              if (failure == null && answer instanceof GridAnswer.Written written) {
                if (written.outcome() instanceof WriteOutcome.Unknown) {
                  if (unknowns.mayPass()) {
                    LOG.warn(
                        "it is not known whether a write to {} took place, nor of {} others",
                        name,
                        unknowns.leftOut());
                  }
                }
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
              if (answer instanceof GridAnswer.Refused) {
                stored.complete(null);
                return new WriteResult(new WriteOutcome.Minority(), stored);
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
    if (attempts <= 0) {
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
            replace(
                name,
                new ReplaceProcessor(stored.orElse(null), sequence, newIncarnation()),
                done,
                attempts),
        done::completeExceptionally);
  }

  private void replace(
      RecordName name, ReplaceProcessor processor, CompletableFuture<Void> done, int attempts) {
    Continuation.of(
        process(name.value(), processor),
        (answer, failure) -> {
          if (failure != null) {
            done.completeExceptionally(failure);
          } else if (answer instanceof GridAnswer.NotClaimed notClaimed && attempts > 0) {
            processor.claimedBy(notClaimed.owner());
            replace(name, processor, done, attempts - 1);
          } else if (answer instanceof GridAnswer.Sequence) {
            refresh(name, done, attempts - 1);
          } else if (answer instanceof GridAnswer.Done || answer instanceof GridAnswer.NotLoaded) {
            done.complete(null);
          } else {
            done.completeExceptionally(unexpected(answer));
          }
        });
  }

  @Override
  public CompletableFuture<Boolean> warm(String changelog, StoredRecord state) {
    return submit(state.name(), new WarmProcessor(Duty.ofChangelog(changelog), state))
        .thenApply(
            answer -> {
              if (answer instanceof GridAnswer.Done) {
                return true;
              }
              if (answer instanceof GridAnswer.Sequence) {
                return false;
              }
              throw unexpected(answer);
            });
  }

  /** Deltas need none: the record knows their positions. */
  private long writeId(RecordCommand command) {
    if (!claims.isClustered() || command instanceof RecordCommand.ApplyDelta) {
      return RecentWrites.NO_ID;
    }
    return firstWriteId + requests;
  }

  /** The lowest id of a write to the record that may be repeated. */
  private long openId(String name) {
    Lane<Request> lane = lanes.get(name);
    return firstWriteId + (lane == null ? requests : lane.lowestOpen().orElse(requests));
  }

  private CompletableFuture<GridAnswer> submit(RecordName name, CellProcessor processor) {
    Request request = new Request(requests++, name.value(), processor);
    openRequests.begin();
    Lane<Request> lane = lanes.computeIfAbsent(request.name, unknown -> new Lane<>());
    lane.begun(request);
    Continuation.of(
        request.answer,
        (answer, failure) -> {
          openRequests.end();
          lane.ended();
        });
    if (lane.isHeldUp() || lane.hasWaiting()) {
      lane.await(request);
    } else {
      send(lane, request);
    }
    return request.answer;
  }

  private void send(Lane<Request> lane, Request request) {
    lane.sent();
    Continuation.of(
        process(request.name, request.processor),
        (answer, failure) -> {
          lane.answered();
          answered(lane, request, answer, failure);
          proceed(request.name, lane);
        });
  }

  private void proceed(String name, Lane<Request> lane) {
    if (lane.mayProceed()) {
      lane.take().forEach(request -> send(lane, request));
      if (lane.isEmpty()) {
        lanes.remove(name, lane);
      }
    }
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

  private void answered(
      Lane<Request> lane,
      Request request,
      @Nullable GridAnswer answer,
      @Nullable Throwable failure) {
    if (failure != null || answer == null) {
      Throwable cause =
          failure == null ? new IllegalStateException("the grid gave no answer") : failure;
      if (isWorthRepeating(cause) && !request.isOverdue()) {
        if (mayHaveBeenDone(cause)) {
          request.processor.repeat();
        }
        repeat(lane, request);
      } else {
        if (failed.mayPass()) {
          LOG.warn(
              "{} for {} failed after {} attempts, as {} others: {}",
              request.processor.getClass().getSimpleName(),
              request.name,
              request.failures + 1,
              failed.leftOut(),
              cause.toString());
        }
        request.answer.completeExceptionally(cause);
      }
      return;
    }
    if (answer instanceof GridAnswer.NotClaimed notClaimed) {
      // Complete only now that the signature is copied. Others that were on their way find out,
      // too.
      request.processor.claimedBy(notClaimed.owner());
      lane.await(request);
      return;
    }
    if (answer instanceof GridAnswer.StorageFull) {
      request.answer.completeExceptionally(
          new StorageException("storage has been away for too long to keep changes", null));
      return;
    }
    if (answer instanceof GridAnswer.NotLoaded) {
      lane.await(request);
      if (!lane.isHeldUp()) {
        lane.holdUp();
        load(
            request.name,
            stored -> loaded(request.name, lane, stored),
            failed -> loadFailed(request.name, lane, failed));
      }
      return;
    }
    request.answer.complete(answer);
  }

  /** Nobody can say what became of it. A node that was lost has a successor in a while. */
  private void repeat(Lane<Request> lane, Request request) {
    lane.await(request);
    lane.holdUp();
    long backoffMs = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(request.failures, 6));
    request.failures++;
    loop.schedule(
        Duration.ofMillis(backoffMs),
        () -> {
          lane.letGo();
          proceed(request.name, lane);
        });
  }

  /** Also when an owner is just stopping: its records have another owner in a moment. */
  private boolean isWorthRepeating(Throwable failure) {
    Throwable cause = cause(failure);
    return claims.isClustered()
        && (cause instanceof RetryableException
            || cause instanceof IndeterminateOperationStateException
            || cause instanceof OperationTimeoutException
            || (cause instanceof HazelcastInstanceNotActiveException && !claims.isStopped()));
  }

  /** Whether the request may have been carried out; not if it came to the wrong member. */
  private static boolean mayHaveBeenDone(Throwable failure) {
    return !(cause(failure) instanceof RetryableHazelcastException);
  }

  private static @Nullable Throwable cause(Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
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

  private void loaded(String name, Lane<Request> lane, Optional<StoredRecord> stored) {
    boolean missing = stored.isEmpty() || stored.get().data() == null;
    if (missing && onlyReads(lane)) {
      // A question about a name that is not there leaves nothing behind in the grid.
      lane.take().forEach(request -> request.answer.complete(missing(request)));
      flow(name, lane);
      return;
    }
    Continuation.of(
        process(name, new InstallProcessor(stored.orElse(null))),
        (done, failure) -> {
          if (failure == null || isWorthRepeating(failure)) {
            // Installed or not, it will be found out by asking again.
            flow(name, lane);
          } else {
            loadFailed(name, lane, failure);
          }
        });
  }

  private void loadFailed(String name, Lane<Request> lane, Throwable failure) {
    LOG.warn("{} cannot be loaded: {}", name, failure.toString());
    lane.take().forEach(request -> request.answer.completeExceptionally(failure));
    flow(name, lane);
  }

  private void flow(String name, Lane<Request> lane) {
    lane.letGo();
    proceed(name, lane);
  }

  private static boolean onlyReads(Lane<Request> lane) {
    for (Request request : lane.waiting()) {
      if (!(request.processor instanceof ReadProcessor)) {
        return false;
      }
    }
    return true;
  }

  private static GridAnswer missing(Request request) {
    return request.processor instanceof ReadProcessor read ? read.missing() : new GridAnswer.Done();
  }

  private long newIncarnation() {
    return claims.newIncarnation();
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
