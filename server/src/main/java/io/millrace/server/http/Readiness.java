package io.millrace.server.http;

import java.util.Optional;

/** Whether clients are served as promised. Thread-safe; called for every health request. */
public interface Readiness {
  /** Why the node is not ready, or empty if it is. */
  Optional<String> notReady();
}
