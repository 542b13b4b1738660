package io.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of 127.0.0.1 for servers that have to know theirs before they start, or that start again on
 * the one they had. They are below those that systems give to outgoing connections and to port 0.
 * Each JVM has a block of them to itself, as long as it lives: so a port that nobody listens on
 * while its server is away is not taken by the tests of another JVM. Thread-safe.
 */
public final class FreePorts {
  private static final int FIRST = 10_000;
  private static final int BLOCK = 500;
  private static final int BLOCKS = 44;

  /** Held for good: its port, the first of the block, says that the block is taken. */
  private static final ServerSocket CLAIM = claim();

  private static int last;

  private FreePorts() {}

  /** One that nobody listens on, and that this did not return lately. */
  public static synchronized int next() {
    for (int tries = 1; tries < BLOCK; tries++) {
      last = last % (BLOCK - 1) + 1;
      int port = CLAIM.getLocalPort() + last;
      try {
        bind(port).close();
        return port;
      } catch (IOException inUse) {
        // The next one, then.
        continue;
      }
    }
    throw new IllegalStateException("no free port from " + CLAIM.getLocalPort());
  }

  private static ServerSocket claim() {
    int start = ThreadLocalRandom.current().nextInt(BLOCKS);
    for (int i = 0; i < BLOCKS; i++) {
      try {
        return bind(FIRST + (start + i) % BLOCKS * BLOCK);
      } catch (IOException taken) {
        // The next one, then.
        continue;
      }
    }
    throw new UncheckedIOException(new IOException("no free block of ports"));
  }

  private static ServerSocket bind(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
