package io.millrace.server.grid;

/**
 * A bug that can be planted at start ({@code -Dmillrace.fault=NAME}), to show that the checker of
 * the fault lab finds it. Never in production.
 */
enum PlantedFault {
  /** Waits end before the commit. */
  ACK_BEFORE_COMMIT("ack-before-commit");

  private final boolean planted;

  PlantedFault(String name) {
    planted = name.equals(System.getProperty("millrace.fault"));
  }

  boolean isPlanted() {
    return planted;
  }
}
