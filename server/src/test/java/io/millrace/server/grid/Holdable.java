package io.millrace.server.grid;

/** Calls that a test holds up, and has fail. Thread-safe. */
abstract class Holdable {
  private boolean held;
  private boolean broken;
  private int attempts;

  /** From now on calls wait. */
  final synchronized void hold() {
    held = true;
  }

  /** From now on calls fail, also those that wait: as if the node were dead. */
  final synchronized void breakDown() {
    broken = true;
    held = false;
    notifyAll();
  }

  final synchronized void repair() {
    broken = false;
    held = false;
    notifyAll();
  }

  /** Calls that were begun. */
  final synchronized int attempts() {
    return attempts;
  }

  /** A call has begun: waits as long as it is to. False if it is to fail. */
  final synchronized boolean begin() throws InterruptedException {
    attempts++;
    while (held) {
      wait();
    }
    return !broken;
  }
}
