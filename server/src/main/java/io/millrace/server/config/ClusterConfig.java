package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The grid's members, how they find each other, and how many copies they keep.
 *
 * @param host the address that other nodes reach this one at, and that it listens on for them
 * @param linkPort the port of the node links; 0 takes a free one and tells the others
 * @param heartbeatTimeout how long a node may be silent before the others go on without it
 * @param drainTimeout how long a node that leaves may take to hand over its work
 */
public record ClusterConfig(
    boolean enabled,
    String name,
    String host,
    @Nullable String publicAddress,
    int port,
    int linkPort,
    @Nullable String publicLinkAddress,
    List<String> members,
    Discovery discovery,
    int backups,
    int minSize,
    Duration heartbeatTimeout,
    Duration drainTimeout,
    TlsConfig tls)
    implements Checked {
  public ClusterConfig {
    members = List.copyOf(members);
  }

  @Override
  public void check(Checks checks) {
    checks.between("port", port, 1, 65535);
    checks.between("linkPort", linkPort, 0, 65535);
    checks.between("backups", backups, 0, 6);
    checks.atLeast("minSize", minSize, 1);
    checks.require(
        !enabled || discovery.type() != DiscoveryType.MEMBERS || !members.isEmpty(),
        "members",
        "a cluster needs at least one address, or another discovery.type");
    checks.require(
        heartbeatTimeout.compareTo(Duration.ofSeconds(2)) >= 0,
        "heartbeatTimeout",
        "must be at least 2s: a pause of a busy node is not its end");
  }

  /** How nodes find each other. */
  public enum DiscoveryType {
    /** At the addresses of {@link ClusterConfig#members}. */
    MEMBERS,
    /** At all addresses that a name has. */
    DNS,
    /** As the Kubernetes API says. */
    KUBERNETES
  }

  /**
   * Where to look for other nodes, other than at a list of addresses.
   *
   * @param service the name to look up, or the Kubernetes service
   * @param namespace of the service; absent: the one that this node runs in
   */
  public record Discovery(DiscoveryType type, @Nullable String service, @Nullable String namespace)
      implements Checked {

    @Override
    public void check(Checks checks) {
      checks.require(
          type == DiscoveryType.MEMBERS || service != null,
          "service",
          "is needed when members are found by dns or kubernetes");
    }
  }

  /**
   * PEM files for the node links; all or none.
   *
   * @param trusted certificates of who signs those of nodes, and of nobody else
   */
  public record TlsConfig(@Nullable Path certificate, @Nullable Path key, @Nullable Path trusted)
      implements Checked {

    /** Whether the links have TLS. */
    public boolean isOn() {
      return certificate != null;
    }

    @Override
    public void check(Checks checks) {
      if (certificate == null && key == null && trusted == null) {
        return;
      }
      String needed = "is needed: certificate, key and trusted go together";
      checks.require(certificate != null, "certificate", needed);
      checks.require(key != null, "key", needed);
      checks.require(trusted != null, "trusted", needed);
    }
  }
}
