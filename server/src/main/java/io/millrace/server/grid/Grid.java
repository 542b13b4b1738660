package io.millrace.server.grid;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.RecordStore;
import io.millrace.server.record.RecordWrites;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
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
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  private Grid(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      Consumer<RecordChange> changes,
      StorageObserver observer) {
    this.membership = new GridMembership(self.id(), config.cluster().minSize());
    this.storage = storage;
    this.hazelcast = Hazelcast.newHazelcastInstance(MemberConfig.of(config, self, RECORDS));
    this.records = hazelcast.getMap(RECORDS);
    this.storageScope =
        new StorageScope(
            config.storage().type() != StorageConfig.Type.NONE,
            config.record().storageExclusionPrefixes());
    NodeDelivery delivery = new RecordPeers(self.id(), self.peers(), changes, acks);
    this.writeBehind =
        storage == null ? null : new WriteBehind(records, storage, delivery, observer);
    new OwnerSide(
            new RecordWrites(config.record().maxSize().bytes()),
            delivery,
            storageScope,
            writeBehind)
        .install(hazelcast);
    membership.follow(hazelcast);
  }

  /** Starts the only member of a grid. */
  static Grid start(
      MillraceConfig config,
      @Nullable RecordStorage storage,
      Consumer<RecordChange> changes,
      StorageObserver observer) {
    return start(config, GridNode.alone(config.server().name()), storage, changes, observer);
  }

  /**
   * Starts the member. In a cluster it returns when it has found the others, or knows that it is
   * the first one.
   *
   * @param self which node this is
   * @param storage where records are kept, null if nowhere; stays the caller's to close
   * @param changes hears of changes of records that this node follows, on owners' partition threads
   */
  public static Grid start(
      MillraceConfig config,
      GridNode self,
      @Nullable RecordStorage storage,
      Consumer<RecordChange> changes,
      StorageObserver observer) {
    Grid grid = new Grid(config, self, storage, changes, observer);
    if (grid.writeBehind != null) {
      grid.writeBehind.start();
    }
    return grid;
  }

  /** False when the grid has given up by itself, as it does when memory runs out. */
  public boolean isRunning() {
    return hazelcast.getLifecycleService().isRunning();
  }

  /**
   * Whether no record is on its way to another node and all copies are made, as far as this node
   * has part in it. Asked once in a while only: it looks at every partition.
   */
  public boolean isSafe() {
    return isRunning() && hazelcast.getPartitionService().isLocalMemberSafe();
  }

  /** This node's id among the members. */
  public String node() {
    return membership.self();
  }

  /** Who belongs to the grid. */
  public Membership membership() {
    return membership;
  }

  /** The grid as the shard of one loop sees it; also starts that loop's care for late acks. */
  public RecordStore store(EventLoop loop) {
    if (loop.index() == 0) {
      expireAcks(loop);
    }
    return new GridRecordStore(node(), loop, records, acks, storage, storageScope, blocking);
  }

  /** How far logs have been applied, for as long as the grid lives. */
  public Map<String, Long> progress() {
    return hazelcast.getMap(PROGRESS);
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

  private void expireAcks(EventLoop loop) {
    loop.schedule(
        Duration.ofSeconds(1),
        () -> {
          acks.expire();
          expireAcks(loop);
        });
  }
}
