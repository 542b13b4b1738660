package io.millrace.server.grid;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.MetadataPolicy;
import com.hazelcast.config.NetworkConfig;
import io.millrace.server.config.ClusterConfig;
import io.millrace.server.config.MillraceConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;

/** How this node's member of the grid is set up. */
final class MemberConfig {

  /** An owner that waits longer than this for its copy elsewhere does not say that it has one. */
  private static final int BACKUP_TIMEOUT_MS = 3_000;

  /**
   * A call may take that much longer than it takes until a member is given up: until its partitions
   * have another owner. An answer that was lost with a connection is noticed after twice the whole.
   */
  private static final int CALL_TIMEOUT_EXTRA_MS = 5_000;

  /** For so many heartbeats what members say of each other must not change. */
  private static final long PARTIAL_DISCONNECTION_BEATS = 3;

  private MemberConfig() {}

  /**
   * @param records the map of records
   * @param progress the map of what is kept with them
   */
  static Config of(MillraceConfig config, GridNode self, String records, String progress) {
    Config member = new Config();
    member.setClusterName(config.cluster().name());
    member.setInstanceName(self.id());
    GridMembership.attributes(self.id(), self.linkAddress())
        .forEach(member.getMemberAttributeConfig()::setAttribute);
    member.setProperty("hazelcast.logging.type", "slf4j");
    member.setProperty("hazelcast.phone.home.enabled", "false");
    member.setProperty("hazelcast.shutdownhook.enabled", "false");
    member.setProperty("hazelcast.metrics.enabled", "false");
    member.setProperty("hazelcast.health.monitoring.level", "OFF");
    member.setProperty("hazelcast.operation.generic.thread.count", "2");
    member.setProperty("hazelcast.io.thread.count", "1");
    // One, so that answers come in the order in which owners gave them.
    member.setProperty("hazelcast.operation.response.thread.count", "1");
    // Its back-pressure stays off: it would make event loops sleep. Calls are bounded where they
    // come from: open requests per session, bytes in flight per Kafka source.
    if (config.cluster().enabled()) {
      cluster(member, config.cluster());
    } else {
      alone(member);
    }
    member.getMetricsConfig().setEnabled(false);
    member.getJetConfig().setEnabled(false);
    GridSerialization.register(member.getSerializationConfig());
    member.addMapConfig(
        new MapConfig(records)
            .setInMemoryFormat(InMemoryFormat.OBJECT)
            // None alone: else each write would be made ready for a copy that nobody takes.
            .setBackupCount(config.cluster().enabled() ? config.cluster().backups() : 0)
            .setMergePolicyConfig(
                new MergePolicyConfig().setPolicy(RecordMergePolicy.class.getName()))
            // For the number of cells.
            .setStatisticsEnabled(true)
            .setPerEntryStatsEnabled(false)
            .setMetadataPolicy(MetadataPolicy.OFF));
    // Not lost before the records that it says something about.
    member.addMapConfig(
        new MapConfig(progress).setBackupCount(Math.max(1, config.cluster().backups())));
    return member;
  }

  /** The member talks to nobody, on a port that nobody has to name. */
  private static void alone(Config member) {
    NetworkConfig network = member.getNetworkConfig();
    member.setProperty("hazelcast.socket.bind.any", "false");
    network.setPort(0).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
  }

  private static void discover(JoinConfig join, ClusterConfig cluster) {
    ClusterConfig.Discovery discovery = cluster.discovery();
    String port = Integer.toString(cluster.port());
    switch (discovery.type()) {
      case MEMBERS -> join.getTcpIpConfig().setEnabled(true).setMembers(cluster.members());
      case DNS ->
          // The grid's Kubernetes plug-in looks names up without Kubernetes, too.
          join.getKubernetesConfig()
              .setEnabled(true)
              .setProperty("service-dns", discovery.service())
              .setProperty("service-port", port);
      case KUBERNETES -> {
        join.getKubernetesConfig()
            .setEnabled(true)
            .setProperty("service-name", discovery.service())
            .setProperty("service-port", port);
        if (discovery.namespace() != null) {
          join.getKubernetesConfig().setProperty("namespace", discovery.namespace());
        }
      }
    }
  }

  private static void cluster(Config member, ClusterConfig cluster) {
    NetworkConfig network = member.getNetworkConfig();
    network.setPort(cluster.port()).setPortAutoIncrement(false).setReuseAddress(true);
    if (!cluster.host().equals("0.0.0.0")) {
      member.setProperty("hazelcast.socket.bind.any", "false");
      // Not by the list of interfaces, where not all addresses are that one can listen on.
      member.setProperty("hazelcast.local.localAddress", cluster.host());
      // Also as the source of its own connections; Hazelcast takes the public address for that.
      member.setProperty(
          "hazelcast.socket.client.bind.any", Boolean.toString(!isLocal(knownAs(cluster))));
    }
    if (cluster.publicAddress() != null) {
      network.setPublicAddress(cluster.publicAddress());
    }
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    discover(join, cluster);

    long heartbeat = Math.max(1, cluster.heartbeatTimeout().toSeconds());
    member.setProperty("hazelcast.heartbeat.interval.seconds", "1");
    member.setProperty("hazelcast.max.no.heartbeat.seconds", Long.toString(heartbeat));
    // Members that can't connect to each other are done with each other, even if it passes: they
    // send no heartbeats any more. So it takes more than a moment; and then the oldest member,
    // which still hears both, lets only one of them stay.
    member.setProperty("hazelcast.connection.monitor.max.faults", "10");
    member.setProperty(
        "hazelcast.partial.member.disconnection.resolution.heartbeat.count",
        Long.toString(PARTIAL_DISCONNECTION_BEATS));
    // So often owners and copies compare how far they are.
    member.setProperty("hazelcast.partition.backup.sync.interval", "5");
    member.setProperty("hazelcast.merge.first.run.delay.seconds", "10");
    member.setProperty("hazelcast.merge.next.run.delay.seconds", "5");
    member.setProperty(
        "hazelcast.graceful.shutdown.max.wait",
        Long.toString(Math.max(1, cluster.drainTimeout().toSeconds())));
    member.setProperty("hazelcast.wait.seconds.before.join", "1");
    // Else a write would be called done although no copy of it is known (P4).
    member.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
    member.setProperty(
        "hazelcast.operation.backup.timeout.millis", Integer.toString(BACKUP_TIMEOUT_MS));
    long callTimeoutMs = cluster.heartbeatTimeout().toMillis() + CALL_TIMEOUT_EXTRA_MS;
    member.setProperty("hazelcast.operation.call.timeout.millis", Long.toString(callTimeoutMs));
    // A partition's move, or its copy, whose answer was lost with a connection is noticed after
    // that time; until then no other partition moves, and the partition has no copy. What takes
    // longer and goes on is not disturbed.
    member.setProperty(
        "hazelcast.partition.migration.timeout",
        Long.toString(TimeUnit.MILLISECONDS.toSeconds(callTimeoutMs)));
  }

  /** The host that others know this member under. */
  private static String knownAs(ClusterConfig cluster) {
    String known = cluster.publicAddress();
    return known == null ? cluster.host() : known.replaceFirst(":\\d+$", "");
  }

  /** Whether connections can be made from this address; not from that of a NAT or a proxy. */
  private static boolean isLocal(String host) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(host, 0));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
