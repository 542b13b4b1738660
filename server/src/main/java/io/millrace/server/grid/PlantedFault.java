package io.millrace.server.grid;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bug that is there on purpose, to see whether tests find it: {@code -Dmillrace.fault=NAME} with
 * {@code skip-reconciliation}, {@code skip-jump} or {@code ack-before-commit}. For tests only.
 */
enum PlantedFault {
  NONE,

  /** What is followed is not compared with the owners after something was lost. */
  SKIP_RECONCILIATION,

  /** A new owner goes on with the next version, whatever the one before may have published. */
  SKIP_JUMP,

  /** A write is acknowledged although it is not stored. */
  ACK_BEFORE_COMMIT;

  private static final Logger LOG = LoggerFactory.getLogger(PlantedFault.class);
  private static final PlantedFault PLANTED = read(System.getProperty("millrace.fault", ""));

  boolean isPlanted() {
    return PLANTED == this;
  }

  private static PlantedFault read(String name) {
    for (PlantedFault fault : values()) {
      if (fault.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-').equals(name)) {
        LOG.error("THIS SERVER IS BROKEN ON PURPOSE: millrace.fault={}", name);
        return fault;
      }
    }
    if (!name.isEmpty()) {
      throw new IllegalArgumentException("millrace.fault: there is no fault " + name);
    }
    return NONE;
  }
}
