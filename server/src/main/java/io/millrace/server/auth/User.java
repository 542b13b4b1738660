package io.millrace.server.auth;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * Who a session belongs to, as the authenticator said at the login (protocol §2.2).
 *
 * @param id what presence, permission rules and RPC providers see
 * @param clientData what the client itself is told; null for nothing, which is not JSON's null
 * @param serverData what only permission rules see
 */
public record User(String id, @Nullable JsonText clientData, @Nullable JsonText serverData) {

  /** The id of those whom the authenticator {@code none} let in without a name. */
  public static final String ANONYMOUS = "open";

  /** The id of those whom another authenticator let in without a name; presence ignores them. */
  public static final String NAMELESS = "OPEN";

  /** Without the data: what permission rules see is nobody else's business. */
  @Override
  public String toString() {
    return "User[" + id + "]";
  }
}
