package io.millrace.server.grid;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The way to one member of a grid. While a member is walled in, nothing of what it says and is told
 * arrives, and nobody is told; it is lost with the connection. Nobody makes new connections then.
 */
final class StallingProxy implements AutoCloseable {
  /** Who is walled in; shared by the proxies of a cluster. */
  static final class Walls {
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();

    /**
     * @param own the port of the member's proxy
     * @param others the ports from which the member has connected to others
     */
    void build(int own, Collection<Integer> others) {
      ports.add(own);
      ports.addAll(others);
    }

    void tearDown() {
      ports.clear();
    }

    private boolean stand() {
      return !ports.isEmpty();
    }
  }

  private record Pair(int peer, Socket in, Socket out) {
    void close() {
      try {
        in.close();
        out.close();
      } catch (IOException e) {
        // It is gone.
      }
    }
  }

  private static final String ADDRESS = "127.0.0.1";

  private final int target;
  private final Walls walls;
  private final ServerSocket server;
  private final List<Pair> pairs = new CopyOnWriteArrayList<>();

  StallingProxy(int target, Walls walls) throws IOException {
    this.target = target;
    this.walls = walls;
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getByName(ADDRESS), 0));
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Ends connections with whoever is walled in; what they held is lost. */
  void cutWalled() {
    for (Pair pair : pairs) {
      if (isWalled(pair)) {
        pair.close();
        pairs.remove(pair);
      }
    }
  }

  private boolean isWalled(Pair pair) {
    return walls.ports.contains(port()) || walls.ports.contains(pair.peer());
  }

  void cutAll() {
    pairs.forEach(Pair::close);
    pairs.clear();
  }

  private void accept() {
    try {
      while (true) {
        Socket in = server.accept();
        if (walls.stand()) {
          in.close();
          continue;
        }
        Socket out = new Socket();
        out.bind(new InetSocketAddress(InetAddress.getByName(ADDRESS), 0));
        try {
          out.connect(new InetSocketAddress(ADDRESS, target));
        } catch (IOException e) {
          in.close();
          out.close();
          continue;
        }
        Pair pair = new Pair(in.getPort(), in, out);
        pairs.add(pair);
        Thread.ofVirtual().start(() -> pump(pair, in, out));
        Thread.ofVirtual().start(() -> pump(pair, out, in));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Pair pair, Socket from, Socket to) {
    byte[] buffer = new byte[16_384];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!isWalled(pair)) {
          out.write(buffer, 0, count);
        }
        // Behind a wall it is swallowed. The connection is good for nothing from then on.
      }
    } catch (IOException e) {
      // One end is gone, so the other goes.
    }
    pair.close();
    pairs.remove(pair);
  }

  @Override
  public void close() throws IOException {
    server.close();
    cutAll();
  }
}
