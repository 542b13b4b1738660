package io.millrace.server.endtoend.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The network between nodes: they know each other only under addresses where this listens, and who
 * connects is known by the address it connects from. Each direction between two nodes can be held
 * (nothing arrives, and nobody is told: later, all of it does, as with packets that are sent again)
 * and connections can be reset. Thread-safe.
 */
final class Wires implements AutoCloseable {
  private static final int CONNECT_MS = 2_000;
  private static final int CHUNK = 16 << 10;

  /** What one node sends to another. */
  private record Way(int from, int to) {}

  private final Map<InetAddress, Integer> nodes = new HashMap<>();
  private final List<ServerSocket> doors = new ArrayList<>();
  private final Map<Way, Set<Socket>> sockets = new HashMap<>();
  private final Set<Way> held = new HashSet<>();
  private final Set<Way> refused = new HashSet<>();
  private int accepted;
  private boolean closed;

  /** Says that connections from this address are the node's. */
  synchronized void known(InetAddress address, int node) {
    nodes.put(address, node);
  }

  /** Lets other nodes reach a node's port through a door. */
  void open(int node, InetSocketAddress door, InetSocketAddress port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(door);
      synchronized (this) {
        doors.add(socket);
      }
      Thread.ofPlatform().daemon().start(() -> accept(socket, node, port));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen at " + door, e);
    }
  }

  private void accept(ServerSocket door, int node, InetSocketAddress port) {
    while (true) {
      Socket incoming;
      try {
        incoming = door.accept();
      } catch (IOException closedNow) {
        return;
      }
      Thread.ofPlatform().daemon().start(() -> connect(incoming, node, port));
    }
  }

  private void connect(Socket incoming, int node, InetSocketAddress port) {
    int from;
    synchronized (this) {
      Integer known = nodes.get(incoming.getInetAddress());
      if (known == null) {
        // Else a link would be taken for severed that is not.
        throw new IllegalStateException(incoming + " comes from no node's address");
      }
      from = known;
      accepted++;
    }
    Way there = new Way(from, node);
    Way back = new Way(node, from);
    Socket outgoing = new Socket();
    try (incoming;
        outgoing) {
      if (!passes(there) || !passes(back)) {
        incoming.setSoLinger(true, 0);
        return;
      }
      outgoing.connect(port, CONNECT_MS);
      incoming.setTcpNoDelay(true);
      outgoing.setTcpNoDelay(true);
      register(there, incoming, outgoing);
      Thread answers = Thread.ofPlatform().daemon().start(() -> pump(outgoing, incoming, back));
      pump(incoming, outgoing, there);
      answers.join();
    } catch (IOException nobodyThere) {
      try {
        incoming.setSoLinger(true, 0);
      } catch (IOException e) {
        // It is gone, too.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget(there, incoming, outgoing);
    }
  }

  /** Waits while the way is held; false if it refuses connections. */
  private synchronized boolean passes(Way way) {
    try {
      while (held.contains(way) && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !refused.contains(way) && !closed;
  }

  private void pump(Socket from, Socket to, Way way) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        if (!passes(way)) {
          break;
        }
        out.write(chunk, 0, count);
      }
      // The end of a connection does not cross a cut either.
      boolean unused = passes(way);
      to.shutdownOutput();
    } catch (IOException reset) {
      boolean unused = passes(way);
      abort(from);
      abort(to);
    }
  }

  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is gone.
    }
  }

  private synchronized void register(Way way, Socket... both) {
    sockets.computeIfAbsent(way, unused -> new HashSet<>()).addAll(List.of(both));
  }

  private synchronized void forget(Way way, Socket... both) {
    sockets.getOrDefault(way, new HashSet<>()).removeAll(List.of(both));
  }

  /** How many connections nodes have made. */
  synchronized int accepted() {
    return accepted;
  }

  /** From now on nothing passes between the two, and neither is told. */
  void cut(int a, int b) {
    cutOneWay(a, b);
    cutOneWay(b, a);
  }

  /** From now on nothing passes from the one to the other; the other direction goes on. */
  synchronized void cutOneWay(int from, int to) {
    held.add(new Way(from, to));
  }

  /** Ends all connections between the two at once; they may connect again. */
  void reset(int a, int b) {
    List<Socket> ended = new ArrayList<>();
    synchronized (this) {
      for (Way way : List.of(new Way(a, b), new Way(b, a))) {
        ended.addAll(sockets.getOrDefault(way, Set.of()));
      }
    }
    ended.forEach(Wires::abort);
  }

  /** Ends all connections between the two, and lets them make no new one. */
  void refuse(int a, int b) {
    synchronized (this) {
      refused.add(new Way(a, b));
      refused.add(new Way(b, a));
    }
    reset(a, b);
  }

  /** All is well again; what was held arrives. */
  synchronized void heal() {
    held.clear();
    refused.clear();
    notifyAll();
  }

  @Override
  public void close() {
    List<Socket> ended = new ArrayList<>();
    synchronized (this) {
      closed = true;
      notifyAll();
      sockets.values().forEach(ended::addAll);
      for (ServerSocket door : doors) {
        try {
          door.close();
        } catch (IOException e) {
          // Nobody can come in any more, that is what counts.
        }
      }
    }
    ended.forEach(Wires::abort);
  }
}
