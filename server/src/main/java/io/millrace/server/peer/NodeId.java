package io.millrace.server.peer;

import java.util.concurrent.ThreadLocalRandom;

/**
 * How nodes call each other. A node that starts again is another one: nothing that was said of the
 * one before holds for it.
 */
public final class NodeId {
  private NodeId() {}

  /** A new id for a node of that name. */
  public static String fresh(String name) {
    return name + "~" + Long.toHexString(ThreadLocalRandom.current().nextLong(1L << 40));
  }

  /** The configured name of the node with the id. */
  public static String name(String id) {
    int end = id.lastIndexOf('~');
    return end < 0 ? id : id.substring(0, end);
  }
}
