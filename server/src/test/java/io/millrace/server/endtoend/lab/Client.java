package io.millrace.server.endtoend.lab;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that comes back to its node whenever it is there, or goes where that node sends it, as
 * one sitting after the other. Methods for subclasses are called on the thread of the current
 * sitting.
 */
abstract class Client implements AutoCloseable {
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String name;
  private final TestCluster cluster;
  private final int node;
  private final History history;
  private volatile @Nullable Line line;
  private volatile int sitting;
  private volatile int attemptsInVain;
  private volatile boolean closed;

  Client(String name, TestCluster cluster, int node, History history) {
    this.name = name;
    this.cluster = cluster;
    this.node = node;
    this.history = history;
  }

  /** Connects; to be called once, when the object is complete. */
  final void begin() {
    Thread.ofPlatform().daemon().name(name + "-connects").start(this::connect);
  }

  /** Only this thread counts. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void connect() {
    int sittings = 0;
    while (!closed) {
      Line opened = null;
      try {
        Object end = new Object();
        boolean[] ended = new boolean[1];
        opened =
            new Line(
                cluster.clients(node),
                cluster.patience(),
                name,
                this::take,
                () -> {
                  synchronized (end) {
                    ended[0] = true;
                    end.notifyAll();
                  }
                });
        sitting = ++sittings;
        line = opened;
        connected();
        synchronized (end) {
          while (!ended[0]) {
            end.wait();
          }
        }
      } catch (IOException nobodyThere) {
        // Again, until it is there.
        attemptsInVain++;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        line = null;
        if (opened != null) {
          opened.close();
        }
      }
      disconnected();
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  private void take(ServerMessage message) {
    try {
      received(message);
    } catch (RuntimeException e) {
      history.fault("cannot make anything of what it was sent: " + e, name);
    }
  }

  /** A sitting begins: on the connecting thread. */
  abstract void connected() throws IOException;

  /** On the thread of the sitting's line, one after the other. */
  abstract void received(ServerMessage message);

  /** The sitting has ended, nothing more of it will be received. */
  void disconnected() {}

  /** False if there is no connection, or it breaks. */
  final boolean send(ClientMessage message) {
    Line current = line;
    if (current == null) {
      return false;
    }
    try {
      current.send(message);
      return true;
    } catch (IOException e) {
      current.close();
      return false;
    }
  }

  /** Ends the sitting; another one begins. */
  final void hangUp() {
    Line current = line;
    if (current != null) {
      current.close();
    }
  }

  final String name() {
    return name;
  }

  final History history() {
    return history;
  }

  final int node() {
    return node;
  }

  final int sitting() {
    return sitting;
  }

  /** How often it was not let in. */
  final int attemptsInVain() {
    return attemptsInVain;
  }

  final boolean isConnected() {
    return line != null;
  }

  final boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    hangUp();
  }
}
