package io.millrace.server.permission;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import java.util.List;
import java.util.function.Consumer;

/**
 * Port: stands before every feature and judges what a client says. Thread-safe; each call is made
 * on the subscriber's loop, and calls back on it.
 */
public interface PermissionGate {

  /**
   * Lets through what the subscriber may do. What it may not is answered here (protocol §1.9), and
   * of a request that names many, only the refused names are taken out.
   *
   * <p>A judgement that must load something {@linkplain Subscriber#hold holds} the session, so that
   * messages of one socket keep their order.
   *
   * @param proceed is called at most once, with the message or what is left of it; at once when
   *     nothing must be loaded
   */
  void judge(Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed);

  /**
   * Whether the subscriber may read a record.
   *
   * @param answer is called exactly once; at once when nothing must be loaded
   */
  void mayRead(Subscriber subscriber, RecordName name, Consumer<Boolean> answer);

  /**
   * Of which users the subscriber may know whether they are online.
   *
   * @param visible is called exactly once, with those of {@code users}, in their order; at once
   *     when nothing must be loaded
   */
  void visibleUsers(Subscriber subscriber, List<String> users, Consumer<List<String>> visible);
}
