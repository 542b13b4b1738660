package io.millrace.server.cluster;

import java.time.Duration;

/**
 * What holds for all links of a node.
 *
 * @param cluster the name that both ends must have in common
 * @param self this node's id
 * @param silence after which a stream has ended
 */
record LinkRules(String cluster, String self, Duration silence, LinkLimits limits) {

  /** A stream that says nothing else says this often that it is there. */
  static final Duration BEAT = Duration.ofMillis(500);

  /**
   * How long a node may knock that is not a member: the grid may not have told this node of it yet.
   */
  static final Duration ADMISSION = Duration.ofSeconds(5);

  /** Who has not said who it is may not send more than that at once. */
  static final int HELLO_BYTES = 4096;

  /** More who are not members are not kept waiting. */
  static final int WAITING_SOCKETS = 64;
}
