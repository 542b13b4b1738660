package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import java.util.function.Consumer;

/**
 * Port: whether a session may read a record. Requests are judged before they get here; this is for
 * what a session is told without having asked for it.
 */
public interface ReadRight {

  /**
   * To be called on the session's loop.
   *
   * @param answer is called exactly once, on that loop; at once when nothing must be loaded
   */
  void ask(RecordName name, Consumer<Boolean> answer);
}
