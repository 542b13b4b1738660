package io.millrace.server.cluster;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a node's end of the links is. */
record LinkAddress(String host, int port) {

  /**
   * Reads host:port.
   *
   * @throws IllegalArgumentException if it is not
   */
  static LinkAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      String host = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1");
      if (!host.isEmpty() && port > 0 && port <= 65_535) {
        return new LinkAddress(host, port);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException("\"" + text + "\" is not host:port");
  }

  /**
   * What other nodes are told.
   *
   * @param configured {@code cluster.publicLinkAddress}
   * @throws IllegalStateException if this node listens everywhere and nobody can tell where it is
   */
  static LinkAddress toBeReachedAt(String host, int port, @Nullable String configured) {
    if (configured != null) {
      return parse(configured);
    }
    if (!isEverywhere(host)) {
      return new LinkAddress(host, port);
    }
    List<String> own = ownAddresses();
    if (own.size() != 1) {
      throw new IllegalStateException(
          "cluster.host is "
              + host
              + ", and this machine has "
              + (own.isEmpty() ? "no other address than loopback" : "the addresses " + own)
              + ": set cluster.host to one of this machine's, or cluster.publicLinkAddress");
    }
    return new LinkAddress(own.getFirst(), port);
  }

  static boolean isEverywhere(String host) {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  static boolean isLoopback(String host) {
    try {
      return !isEverywhere(host) && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static List<String> ownAddresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> address instanceof java.net.Inet4Address)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .map(InetAddress::getHostAddress)
          .toList();
    } catch (SocketException e) {
      return List.of();
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
