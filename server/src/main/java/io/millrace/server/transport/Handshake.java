package io.millrace.server.transport;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where a connection comes from, as the request says that it began with.
 *
 * @param remoteAddress of the client: what a proxy says, or else the peer
 * @param headers by name in lower case; several of a name are joined
 */
public record Handshake(String remoteAddress, Map<String, String> headers) {

  /** Nobody wants to know, or not any more. */
  public static final Handshake FORGOTTEN = new Handshake("", Map.of());

  public Handshake {
    headers = Map.copyOf(headers);
  }

  /**
   * From a request.
   *
   * @param peer the other end of the socket
   * @param headers as they came
   */
  public static Handshake of(String peer, Iterable<Map.Entry<String, String>> headers) {
    Map<String, String> joined = new HashMap<>();
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      // Cookies have their own way to be joined (RFC 6265 §5.4).
      String separator = name.equals("cookie") ? "; " : ", ";
      joined.merge(name, header.getValue(), (first, more) -> first + separator + more);
    }
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

  /** Without the headers' values: cookies and tokens are among them. */
  @Override
  public String toString() {
    return "Handshake[" + remoteAddress + ", " + headers.size() + " headers]";
  }
}
