package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * This node's member of the grid, with what it does as an owner of records. Started before anything
 * that uses records, closed after it.
 */
public final class Grid implements AutoCloseable {
  private static final String RECORDS = "millrace.records";
  private static final String PROGRESS = "millrace.progress";
  private static final Duration ACK_TIMEOUT = Duration.ofSeconds(10);

  private final GridMembership membership;
  private final HazelcastInstance hazelcast;
  private final IMap<String, RecordCell> records;
  private final PendingAcks acks = new PendingAcks(ACK_TIMEOUT);
  private final StorageScope storageScope;
  private final @Nullable RecordStorage storage;
  private final @Nullable WriteBehind writeBehind;
  private final Claims claims;
  private final LossWatch losses;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  private Grid(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      RecordFollower follower,
      StorageObserver observer) {
    this.membership = new GridMembership(self.id(), config.cluster().minSize());
    this.storage = storage;
    this.storageScope =
        new StorageScope(
            config.storage().type() != StorageConfig.Type.NONE,
            config.record().storageExclusionPrefixes());
    boolean clustered = config.cluster().enabled();
    this.claims = new Claims(membership, clustered, this::newIncarnation);
    RecordPeers delivery = new RecordPeers(membership, self.peers(), follower, acks);
    this.losses = delivery.losses();
    OwnerSide owner =
        new OwnerSide(
            new RecordWrites(config.record().maxSize().bytes()), delivery, storageScope, claims);
    Config member = MemberConfig.of(config, self, RECORDS);
    owner.install(member);
    this.hazelcast = Hazelcast.newHazelcastInstance(member);
    this.records = hazelcast.getMap(RECORDS);
    this.writeBehind =
        storage == null ? null : new WriteBehind(records, storage, delivery, observer);
    membership.follow(hazelcast, clustered);
    owner.open(writeBehind);
    losses.start();
    hazelcast.getLifecycleService().addLifecycleListener(losses);
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
    Grid grid = new Grid(config, self, storage, follower, observer);
    if (grid.writeBehind != null) {
      grid.writeBehind.start();
    }
    return grid;
  }

  /** False when the grid has given up by itself, as it does when memory runs out. */
  public boolean isRunning() {
    return hazelcast.getLifecycleService().isRunning();
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
    return new GridRecordStore(
        node(), loop, records, acks, storage, storageScope, blocking, claims);
  }

  /** How far logs have been applied, for as long as the grid lives. */
  public Map<String, Long> progress() {
    return hazelcast.getMap(PROGRESS);
  }

  /**
   * Tells the others that this node hands over everything before it goes, so that its records need
   * no care. To be called when it no longer serves anybody, just before it is closed.
   */
  public void leaving() {
    membership.leaving();
  }

  /** Waits of this node for changes to be stored. */
  public int pendingAcks() {
    return acks.size();
  }

  /** Stores what is left and leaves the grid. */
  @Override
  public void close() {
    if (writeBehind != null) {
      writeBehind.close();
    }
    hazelcast.shutdown();
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
