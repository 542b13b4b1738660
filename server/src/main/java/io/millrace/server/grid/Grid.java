package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.record.Changelog;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOutcome;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.record.LogProgress;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.record.WarmTarget;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * This node's member of the grid, with what it does as an owner of records. Started before anything
 * that uses records, closed after it.
 */
public final class Grid implements AutoCloseable {
  static final String RECORDS = "millrace.records";
  private static final long NO_CHECK = Long.MIN_VALUE;
  private static final Duration LONG_CHECK = Duration.ofMillis(400);
  private static final String PROGRESS = "millrace.progress";

  /** Those whose owner was lost take longer, but nobody can say for how long. */
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);

  private final GridMembership membership;
  private final HazelcastInstance hazelcast;
  private final IMap<String, RecordCell> records;
  private final PendingAcks acks;
  private final StorageScope storageScope;
  private final @Nullable RecordStorage storage;
  private final Duties duties;
  private final @Nullable WriteBehind writeBehind;
  private final Claims claims;
  private final LossWatch losses;
  private final Upkeep upkeep = new Upkeep();
  private final LocalPartitions partitions;
  private final Map<Duty, Takeover> takeovers = new LinkedHashMap<>();
  private volatile @Nullable Purge purge;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  private final OpenRequests openRequests = new OpenRequests();
  private final AtomicLong checkBegan = new AtomicLong(NO_CHECK);
  private volatile boolean safe;

  private Grid(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      List<Changelog> changelogs,
      RecordFollower follower,
      StorageObserver observer,
      StorageLimits limits,
      Tracing tracing) {
    this.membership =
        new GridMembership(
            self.id(),
            config.cluster().minSize(),
            config.cluster().backups(),
            config.cluster().heartbeatTimeout());
    this.storage = storage;
    PlantedFault.warn();
    this.acks = new PendingAcks(self.id(), config.storage().ackTimeout(), this::confirm, blocking);
    this.storageScope =
        new StorageScope(storage != null, config.record().storageExclusionPrefixes());
    Map<String, Watermarks> watermarks = new HashMap<>();
    if (storage != null) {
      watermarks.put(Duty.STORAGE, new Watermarks());
    }
    changelogs.forEach(log -> watermarks.put(Duty.ofChangelog(log.name()), new Watermarks()));
    boolean clustered = config.cluster().enabled();
    this.claims = new Claims(membership, clustered, this::newIncarnation, this::heard);
    RecordPeers delivery =
        new RecordPeers(membership, self.peers(), follower, acks, watermarks, membership::met);
    this.losses = delivery.losses();
    MicroClock clock = new MicroClock();
    this.duties =
        new Duties(
            storing(watermarks, storage, delivery, observer, clock, limits),
            changelogs.stream()
                .map(log -> logging(log, watermarks, delivery, clock, limits))
                .toList());
    Duty storing = duties.storage();
    this.writeBehind = storing == null ? null : storing.writeBehind();
    Config member = MemberConfig.of(config, self, RECORDS, PROGRESS);
    OwnerSide owner =
        new OwnerSide(
            new RecordWrites(config.record().maxSize().bytes()),
            delivery,
            storageScope,
            duties,
            clock,
            claims,
            tracing);
    owner.install(member);
    this.hazelcast = Hazelcast.newHazelcastInstance(member);
    this.records = hazelcast.getMap(RECORDS);
    this.partitions = new LocalPartitions(hazelcast, records);
    membership.follow(hazelcast, clustered);
    owner.open();
    losses.start();
    hazelcast.getLifecycleService().addLifecycleListener(losses);
    membership.onChange(acks::disturbed);
    keepUp(delivery, clock, limits, observer);
  }

  private @Nullable Duty storing(
      Map<String, Watermarks> watermarks,
      @Nullable RecordStorage storage,
      NodeDelivery delivery,
      StorageObserver observer,
      MicroClock clock,
      StorageLimits limits) {
    Watermarks stored = watermarks.get(Duty.STORAGE);
    if (storage == null || stored == null) {
      return null;
    }
    WriteBehind writer =
        new WriteBehind(
            Duty.STORAGE,
            new StorageSink(storage),
            delivery,
            observer,
            clock,
            limits.unstored(),
            false);
    stored.own(writer.tick());
    return new Duty(Duty.STORAGE, storageScope::contains, writer, stored, null, null);
  }

  private static Duty logging(
      Changelog changelog,
      Map<String, Watermarks> watermarks,
      NodeDelivery delivery,
      MicroClock clock,
      StorageLimits limits) {
    String name = Duty.ofChangelog(changelog.name());
    ChangeBuffer changes =
        changelog.tellsChanges() ? new ChangeBuffer(limits.changesBytes()) : null;
    LatestTraces traces = changes == null ? new LatestTraces() : null;
    WriteBehind writer =
        new WriteBehind(
            name,
            new ChangelogSink(changelog, changes, traces),
            delivery,
            StorageObserver.NOBODY,
            clock,
            limits.untold(),
            true);
    Watermarks told = Objects.requireNonNull(watermarks.get(name));
    told.own(writer.tick());
    return new Duty(name, changelog::contains, writer, told, changes, traces);
  }

  private void keepUp(
      RecordPeers peers, MicroClock clock, StorageLimits limits, StorageObserver observer) {
    for (Duty duty : duties.all()) {
      Takeover takeover = new Takeover(partitions, this::otherNodes, duty);
      takeovers.put(duty, takeover);
      duty.writeBehind()
          .start(
              records,
              partitions::contains,
              duty.equals(duties.storage()) ? name -> true : takeover::isSettled,
              name -> !duties.isWaitingElsewhere(duty, name));
    }
    Takeover storing = takeovers.get(duties.storage());
    Evictor evictor =
        storing == null
            ? null
            : new Evictor(
                new Evictions(records),
                partitions,
                storing::settled,
                membership::nodes,
                () -> duties.doneUpTo(otherNodes()),
                storageScope,
                clock,
                limits,
                observer);
    upkeep.start(duties, peers, takeovers, evictor);
  }

  /**
   * From now on removed records that are not stored are forgotten when no log that they have seen
   * deltas of can deliver these again. To be called once.
   */
  public void forgetRemoved(LogProgress progress) {
    forgetRemoved(progress, Purge.Pace.SLOW);
  }

  void forgetRemoved(LogProgress progress, Purge.Pace pace) {
    Purge.Told told =
        new Purge.Told() {
          @Override
          public long upTo() {
            return duties.doneUpTo(otherNodes());
          }

          @Override
          public Set<Integer> settled(Duration time) {
            Set<Integer> settled = partitions.owned();
            takeovers.values().forEach(each -> settled.retainAll(each.settled(time)));
            return settled;
          }

          @Override
          public boolean isLogged(String name) {
            return duties.isLogged(name);
          }
        };
    Purge begun =
        new Purge(
            new Evictions(records),
            partitions,
            membership::nodes,
            storageScope::contains,
            told,
            progress,
            pace);
    purge = begun;
    upkeep.start(begun, pace.tick());
  }

  /** Removed records that this node still has to remember. */
  public long removed() {
    Purge begun = purge;
    return begun == null ? 0 : begun.kept();
  }

  private int heard() {
    return losses.heard();
  }

  private Set<String> otherNodes() {
    Set<String> others = new HashSet<>(membership.nodes());
    others.remove(membership.self());
    return others;
  }

  /** For waits whose owner may not be able to end them any more. */
  private void confirm(String name, AckTicket ticket, long sequence) {
    new OwnerConfirmer(records, blocking, acks).confirm(name, ticket, sequence);
  }

  /** Starts the only member of a grid. */
  static Grid start(
      MillraceConfig config,
      @Nullable RecordStorage storage,
      RecordFollower follower,
      StorageObserver observer) {
    return start(
        config,
        GridNode.alone(config.server().name()),
        storage,
        List.of(),
        follower,
        observer,
        Tracing.OFF);
  }

  /**
   * Starts the member. In a cluster it returns when it has found the others, or knows that it is
   * the first one.
   *
   * @param self which node this is
   * @param storage where records are kept, null if nowhere; stays the caller's to close
   * @param changelogs are told what becomes of records that this node owns; stay the caller's to
   *     close
   * @param follower hears of changes of records that this node follows, on owners' partition
   *     threads, and of losses
   */
  public static Grid start(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      List<Changelog> changelogs,
      RecordFollower follower,
      StorageObserver observer,
      Tracing tracing) {
    return new Grid(
        config, self, storage, changelogs, follower, observer, StorageLimits.of(config), tracing);
  }

  static Grid start(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      List<Changelog> changelogs,
      RecordFollower follower,
      StorageObserver observer,
      StorageLimits limits) {
    return new Grid(config, self, storage, changelogs, follower, observer, limits, Tracing.OFF);
  }

  /** False when the grid has given up by itself, as it does when memory runs out. */
  public boolean isRunning() {
    return hazelcast.getLifecycleService().isRunning();
  }

  /**
   * Whether no record is on its way to another node and all copies are made, as far as this node
   * has part in it: as it was when this was last asked, because to find out may take seconds. False
   * while that takes long, for then something is on its way.
   */
  public boolean isSafe() {
    long begun = checkBegan.get();
    long now = System.nanoTime();
    if (begun == NO_CHECK && isRunning() && checkBegan.compareAndSet(NO_CHECK, now)) {
      blocking.execute(
          () -> {
            try {
              safe = hazelcast.getPartitionService().isLocalMemberSafe();
            } catch (RuntimeException e) {
              safe = false;
            } finally {
              checkBegan.set(NO_CHECK);
            }
          });
    }
    return safe && isRunning() && (begun == NO_CHECK || now - begun < LONG_CHECK.toNanos());
  }

  /** This node's id among the members. */
  public String node() {
    return membership.self();
  }

  /** Who belongs to the grid. */
  public Membership membership() {
    return membership;
  }

  /** The grid as the shard of one loop sees it; also starts that loop's care for what is late. */
  public RecordStore store(EventLoop loop) {
    if (loop.index() == 0) {
      everySecond(loop);
    }
    openRequests.on(loop);
    return new GridRecordStore(
        node(), loop, records, acks, storage, storageScope, blocking, claims, openRequests);
  }

  /** Whether no other node has been a member for longer. */
  public boolean isOldest() {
    return hazelcast.getCluster().getMembers().iterator().next().localMember();
  }

  /** Takes over what changelogs say of records; asks owners from that loop. */
  public WarmTarget warmTarget(EventLoop loop) {
    RecordStore store =
        new GridRecordStore(
            node(), loop, records, acks, storage, storageScope, blocking, claims, openRequests);
    return (changelog, state) -> {
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      loop.execute(
          () ->
              Continuation.of(
                  store.warm(changelog, state),
                  (taken, failure) -> {
                    if (failure == null) {
                      done.complete(taken);
                    } else {
                      done.completeExceptionally(failure);
                    }
                  }));
      return done;
    };
  }

  /**
   * Where deltas of logs are applied.
   *
   * @param single applies one delta as all other writes are applied
   */
  public DeltaSink deltas(Function<Delta, CompletionStage<DeltaOutcome>> single) {
    return new DeltaBatches(hazelcast, RECORDS, acks, storageScope, claims, single);
  }

  /** How far logs have been applied, for as long as the grid lives. */
  public Map<String, Long> progress() {
    return progressMap();
  }

  IMap<String, Long> progressMap() {
    return hazelcast.getMap(PROGRESS);
  }

  /** Waits of this node for changes to be stored. */
  public int pendingAcks() {
    return acks.size();
  }

  /** Records of this node that are not stored yet. */
  public int unstored() {
    return writeBehind == null ? 0 : writeBehind.unstored();
  }

  /** How long the longest of them has waited. */
  public Duration oldestUnstored() {
    return writeBehind == null ? Duration.ZERO : writeBehind.oldest();
  }

  /** How long it has not been possible to write to storage, if it is not. */
  public Optional<Duration> storageOutage() {
    return writeBehind == null ? Optional.empty() : writeBehind.outage();
  }

  /** Records of this node of which the changelog is still to be told. */
  public int untold(String changelog) {
    return duties
        .named(Duty.ofChangelog(changelog))
        .map(duty -> duty.writeBehind().unstored())
        .orElse(0);
  }

  /** How long the longest of them has waited. */
  public Duration oldestUntold(String changelog) {
    return duties
        .named(Duty.ofChangelog(changelog))
        .map(duty -> duty.writeBehind().oldest())
        .orElse(Duration.ZERO);
  }

  /** Records that this node holds as their owner. */
  public long held() {
    return records.getLocalMapStats().getOwnedEntryCount();
  }

  /**
   * Carries out what this node's sessions have still asked for, stores what is left and leaves the
   * grid. To be called when nobody is served any more.
   */
  @Override
  public void close() {
    upkeep.endPurge();
    if (isRunning()) {
      openRequests.awaitEnd(LAST_REQUESTS);
      duties.all().forEach(duty -> duty.writeBehind().drain());
      membership.leaving();
    }
    if (isRunning()) {
      membership.leaving();
    }
    // Partitions move to other nodes now; what is written meanwhile is handed over to them.
    hazelcast.shutdown();
    upkeep.close();
    duties.all().forEach(duty -> duty.writeBehind().close());
    blocking.shutdownNow();
  }

  private void everySecond(EventLoop loop) {
    loop.schedule(
        Duration.ofSeconds(1),
        () -> {
          acks.expire();
          losses.tick();
          everySecond(loop);
        });
  }

  /**
   * By the time of the cluster, so that a node whose clock is wrong begins no life that looks
   * earlier than the one before. Two lives that begin in one millisecond, on two nodes, differ in
   * the last ten bits.
   */
  private long newIncarnation() {
    long now = hazelcast.getCluster().getClusterTime();
    return (now << 10) | ThreadLocalRandom.current().nextInt(1 << 10);
  }
}
