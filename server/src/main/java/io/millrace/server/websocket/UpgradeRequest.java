package io.millrace.server.websocket;

import io.millrace.server.transport.Handshake;
import io.vertx.core.MultiMap;
import io.vertx.core.http.ServerWebSocket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What the request said that a socket began as. */
final class UpgradeRequest {
  private UpgradeRequest() {}

  static Handshake handshake(ServerWebSocket socket) {
    String peer = socket.remoteAddress() == null ? "" : socket.remoteAddress().hostAddress();
    return handshake(peer == null ? "" : peer, socket.headers());
  }

  static Handshake handshake(String peer, MultiMap headers) {
    Map<String, String> joined = new HashMap<>();
    headers.forEach(
        header -> {
          String name = header.getKey().toLowerCase(Locale.ROOT);
          // Cookies have their own way to be joined (RFC 6265 §5.4).
          String separator = name.equals("cookie") ? "; " : ", ";
          joined.merge(name, header.getValue(), (first, more) -> first + separator + more);
        });
    return new Handshake(remoteAddress(peer, joined), joined);
  }

  /**
   * The first proxy names the client first. Anybody can send the header: it is not to be trusted.
   */
  private static String remoteAddress(String peer, Map<String, String> headers) {
    String forwarded = headers.getOrDefault("x-forwarded-for", "");
    int comma = forwarded.indexOf(',');
    String first = (comma < 0 ? forwarded : forwarded.substring(0, comma)).strip();
    return first.isEmpty() ? peer : first;
  }
}
