package io.millrace.server.grid;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bug that can be planted at start ({@code -Dmillrace.fault=NAME}), to show that the checker of
 * the fault lab finds it. Never in production.
 */
enum PlantedFault {
  /** What is followed is not compared with the owners after something was lost. */
  SKIP_RECONCILIATION("skip-reconciliation"),

  /** A new owner goes on with the next version, whatever the one before may have published. */
  SKIP_JUMP("skip-jump"),

  /** Waits end before the commit, which takes long. */
  ACK_BEFORE_COMMIT("ack-before-commit");

  static final long SLOW_COMMIT_NS = 300_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(PlantedFault.class);
  private final boolean planted;

  PlantedFault(String name) {
    planted = name.equals(System.getProperty("millrace.fault"));
  }

  /** To be called once at start. */
  static void warn() {
    for (PlantedFault fault : values()) {
      if (fault.planted) {
        LOG.error("THIS SERVER IS BROKEN ON PURPOSE: {}", fault);
      }
    }
  }

  boolean isPlanted() {
    return planted;
  }
}
