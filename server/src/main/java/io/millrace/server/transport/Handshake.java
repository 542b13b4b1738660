package io.millrace.server.transport;

import java.util.Map;

/**
 * Where a connection comes from, as its upgrade request says.
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

  /** Without the headers' values: cookies and tokens are among them. */
  @Override
  public String toString() {
    return "Handshake[" + remoteAddress + ", " + headers.size() + " headers]";
  }
}
