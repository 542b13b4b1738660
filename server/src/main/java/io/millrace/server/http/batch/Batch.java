package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Requests that are made together (protocol §7.3).
 *
 * @param authData who asks, for the authenticator
 */
record Batch(ObjectNode authData, List<BatchItem> items) {
  public Batch {
    items = List.copyOf(items);
  }
}
