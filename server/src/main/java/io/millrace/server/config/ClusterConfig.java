package io.millrace.server.config;

import java.util.List;

/** The grid's members and how many copies they keep. */
public record ClusterConfig(
    boolean enabled, String name, int port, List<String> members, int backups, int minSize)
    implements Checked {
  public ClusterConfig {
    members = List.copyOf(members);
  }

  @Override
  public void check(Checks checks) {
    checks.require(!enabled, "enabled", "this version runs on one node; only false is allowed");
    checks.between("port", port, 1, 65535);
    checks.between("backups", backups, 0, 6);
    checks.atLeast("minSize", minSize, 1);
  }
}
