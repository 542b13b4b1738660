package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MetadataPolicy;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.StorageConfig;
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

  private final String node;
  private final HazelcastInstance hazelcast;
  private final IMap<String, RecordCell> records;
  private final PendingAcks acks = new PendingAcks(ACK_TIMEOUT);
  private final StorageScope storageScope;
  private final @Nullable RecordStorage storage;
  private final @Nullable WriteBehind writeBehind;
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();

  private Grid(
      String node,
      MillraceConfig config,
      @Nullable RecordStorage storage,
      Consumer<RecordChange> changes,
      StorageObserver observer) {
    this.node = node;
    this.storage = storage;
    this.hazelcast = Hazelcast.newHazelcastInstance(memberConfig(config));
    this.records = hazelcast.getMap(RECORDS);
    this.storageScope =
        new StorageScope(
            config.storage().type() != StorageConfig.Type.NONE,
            config.record().storageExclusionPrefixes());
    NodeDelivery delivery = new LocalDelivery(node, changes, acks);
    this.writeBehind =
        storage == null ? null : new WriteBehind(records, storage, delivery, observer);
    new OwnerSide(
            new RecordWrites(config.record().maxSize().bytes()),
            delivery,
            storageScope,
            writeBehind)
        .install(hazelcast);
  }

  /**
   * Starts the member.
   *
   * @param storage where records are kept, null if nowhere; stays the caller's to close
   * @param changes hears of changes of records that this node follows, on owners' partition threads
   */
  public static Grid start(
      MillraceConfig config,
      @Nullable RecordStorage storage,
      Consumer<RecordChange> changes,
      StorageObserver observer) {
    Grid grid = new Grid(config.server().name(), config, storage, changes, observer);
    if (grid.writeBehind != null) {
      grid.writeBehind.start();
    }
    return grid;
  }

  /** False when the grid has given up by itself, as it does when memory runs out. */
  public boolean isRunning() {
    return hazelcast.getLifecycleService().isRunning();
  }

  /** This node's name among the members. */
  public String node() {
    return node;
  }

  /** The grid as the shard of one loop sees it; also starts that loop's care for late acks. */
  public RecordStore store(EventLoop loop) {
    if (loop.index() == 0) {
      expireAcks(loop);
    }
    return new GridRecordStore(node, loop, records, acks, storage, storageScope, blocking);
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

  private static Config memberConfig(MillraceConfig config) {
    Config member = new Config();
    member.setClusterName(config.cluster().name());
    member.setInstanceName(
        config.server().name()
            + "-"
            + ProcessHandle.current().pid()
            + "-"
            + Long.toHexString(System.nanoTime()));
    member.setProperty("hazelcast.logging.type", "slf4j");
    member.setProperty("hazelcast.phone.home.enabled", "false");
    member.setProperty("hazelcast.shutdownhook.enabled", "false");
    member.setProperty("hazelcast.socket.bind.any", "false");
    member.setProperty("hazelcast.metrics.enabled", "false");
    member.setProperty("hazelcast.health.monitoring.level", "OFF");
    member.setProperty("hazelcast.operation.generic.thread.count", "2");
    member.setProperty("hazelcast.io.thread.count", "1");
    // Its back-pressure stays off: it would make event loops sleep. Calls are bounded where they
    // come from: open requests per session, bytes in flight per Kafka source.
    // One node: the member talks to nobody, on a port that nobody has to name.
    member.getNetworkConfig().setPort(0).setPortAutoIncrement(false);
    member.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    member.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    member.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    member.getMetricsConfig().setEnabled(false);
    member.getJetConfig().setEnabled(false);
    GridSerialization.register(member.getSerializationConfig());
    member.addMapConfig(
        new MapConfig(RECORDS)
            .setInMemoryFormat(InMemoryFormat.OBJECT)
            .setBackupCount(config.cluster().backups())
            .setStatisticsEnabled(false)
            .setPerEntryStatsEnabled(false)
            .setMetadataPolicy(MetadataPolicy.OFF));
    return member;
  }
}
