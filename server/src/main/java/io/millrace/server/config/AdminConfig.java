package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/**
 * The port for operators: whoever reaches it may send the node's clients away.
 *
 * @param port absent: there is none; 0 takes a free one
 */
public record AdminConfig(String host, @Nullable Integer port) implements Checked {

  @Override
  public void check(Checks checks) {
    if (port != null) {
      checks.between("port", port, 0, 65535);
    }
  }
}
