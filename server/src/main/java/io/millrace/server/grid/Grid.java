package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * This node's member of the grid, with what it does as an owner of records. Started before anything
 * that uses records, closed after it.
 */
public final class Grid implements AutoCloseable {
  private static final String RECORDS = "millrace.records";
  private static final long NO_CHECK = Long.MIN_VALUE;
  private static final Duration LONG_CHECK = Duration.ofMillis(400);
  private static final String PROGRESS = "millrace.progress";
  private static final Duration EVICTION_CHECK = Duration.ofSeconds(3);

  /** Those whose owner was lost take longer, but nobody can say for how long. */
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(5);

  private final GridMembership membership;
  private final HazelcastInstance hazelcast;
  private final IMap<String, RecordCell> records;
  private final PendingAcks acks;
  private final StorageScope storageScope;
  private final @Nullable RecordStorage storage;
  private final @Nullable WriteBehind writeBehind;
  private final Claims claims;
  private final LossWatch losses;
  private final @Nullable StorageUpkeep upkeep;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  private final OpenRequests openRequests = new OpenRequests();
  private final AtomicLong checkBegan = new AtomicLong(NO_CHECK);
  private volatile boolean safe;

  private Grid(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      RecordFollower follower,
      StorageObserver observer,
      StorageLimits limits) {
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
    Watermarks watermarks = new Watermarks();
    boolean clustered = config.cluster().enabled();
    this.claims = new Claims(membership, clustered, this::newIncarnation, this::heard);
    RecordPeers delivery =
        new RecordPeers(membership, self.peers(), follower, acks, watermarks, membership::met);
    this.losses = delivery.losses();
    MicroClock clock = new MicroClock();
    this.writeBehind =
        storage == null
            ? null
            : new WriteBehind(storage, delivery, observer, clock, limits.unstored());
    if (writeBehind != null) {
      watermarks.own(writeBehind.tick());
    }
    Config member = MemberConfig.of(config, self, RECORDS);
    OwnerSide owner =
        new OwnerSide(
            new RecordWrites(config.record().maxSize().bytes()),
            delivery,
            storageScope,
            writeBehind,
            clock,
            claims);
    owner.install(member);
    this.hazelcast = Hazelcast.newHazelcastInstance(member);
    this.records = hazelcast.getMap(RECORDS);
    membership.follow(hazelcast, clustered);
    owner.open();
    losses.start();
    hazelcast.getLifecycleService().addLifecycleListener(losses);
    membership.onChange(acks::disturbed);
    this.upkeep =
        writeBehind == null
            ? null
            : keepUp(writeBehind, watermarks, delivery, clock, limits, observer);
  }

  private StorageUpkeep keepUp(
      WriteBehind writer,
      Watermarks watermarks,
      RecordPeers peers,
      MicroClock clock,
      StorageLimits limits,
      StorageObserver observer) {
    LocalPartitions partitions = new LocalPartitions(hazelcast, records);
    writer.start(records, partitions::contains);
    Takeover takeover =
        new Takeover(partitions, watermarks, this::otherNodes, storageScope, writer);
    Evictor evictor =
        new Evictor(
            records,
            partitions,
            takeover::settled,
            membership::nodes,
            () -> watermarks.lowest(otherNodes()),
            storageScope,
            clock,
            limits,
            observer);
    StorageUpkeep started = new StorageUpkeep();
    started.start(writer, watermarks, peers, takeover, evictor, EVICTION_CHECK);
    return started;
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
    return start(config, GridNode.alone(config.server().name()), storage, follower, observer);
  }

  /**
   * Starts the member. In a cluster it returns when it has found the others, or knows that it is
   * the first one.
   *
   * @param self which node this is
   * @param storage where records are kept, null if nowhere; stays the caller's to close
   * @param follower hears of changes of records that this node follows, on owners' partition
   *     threads, and of losses
   */
  public static Grid start(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      RecordFollower follower,
      StorageObserver observer) {
    return start(config, self, storage, follower, observer, StorageLimits.of(config));
  }

  static Grid start(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      RecordFollower follower,
      StorageObserver observer,
      StorageLimits limits) {
    return new Grid(config, self, storage, follower, observer, limits);
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

  /** How far logs have been applied, for as long as the grid lives. */
  public Map<String, Long> progress() {
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
    if (isRunning()) {
      openRequests.awaitEnd(LAST_REQUESTS);
      if (writeBehind != null) {
        writeBehind.drain();
      }
      membership.leaving();
    }
    if (isRunning()) {
      membership.leaving();
    }
    // Partitions move to other nodes now; what is written meanwhile is handed over to them.
    hazelcast.shutdown();
    if (upkeep != null) {
      upkeep.close();
    }
    if (writeBehind != null) {
      writeBehind.close();
    }
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
