package io.millrace.server.config;

import java.util.List;

/** The grid's members and how many copies they keep. */
public record ClusterConfig(
    boolean enabled, String name, int port, List<String> members, int backups, int minSize) {
  public ClusterConfig {
    members = List.copyOf(members);
  }
}
