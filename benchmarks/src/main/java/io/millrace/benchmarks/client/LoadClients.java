package io.millrace.benchmarks.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/**
 * All connections of a run, on two threads: one that reads what subscribers get and one that
 * writes, so that a slow reader doesn't delay what is due to be written.
 */
public final class LoadClients implements AutoCloseable {
  private static final int HANDSHAKES_AT_ONCE = 64;
  private static final int TIMEOUT_SECONDS = 20;

  /** The thread that a client lives on. */
  public enum Lane {
    READERS,
    WRITERS
  }

  private final String host;
  private final int port;
  private final String upgrade;
  private final List<LoadClient> all = new ArrayList<>();
  private final Map<Lane, FrameMemory> memories = new EnumMap<>(Lane.class);
  private final Map<Lane, EventLoopGroup> loops = new EnumMap<>(Lane.class);

  public LoadClients(String host, int port, String path) {
    this.host = host;
    this.port = port;
    this.upgrade = WebSocketFrames.upgrade(path, host + ":" + port);
    for (Lane lane : Lane.values()) {
      IoHandlerFactory io =
          Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
      loops.put(lane, new MultiThreadIoEventLoopGroup(1, io));
      memories.put(lane, new FrameMemory());
    }
  }

  /**
   * Opens connections and logs them in, some at a time.
   *
   * @throws LoadException when one cannot be had
   */
  public List<LoadClient> open(Lane lane, int count, IntFunction<LoadClient.Listener> listeners) {
    List<LoadClient> opened = new ArrayList<>(count);
    List<CompletableFuture<LoadClient>> opening = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      opening.add(open(lane, listeners.apply(i)));
      if (opening.size() == HANDSHAKES_AT_ONCE || i == count - 1) {
        opening.forEach(client -> opened.add(await(client)));
        opening.clear();
      }
    }
    all.addAll(opened);
    return opened;
  }

  /** Runs the task on the lane's thread, and returns when it is done. */
  public void onLane(Lane lane, Runnable task) {
    lane(lane).next().submit(task).syncUninterruptibly();
  }

  /** Waits; a bounded time. */
  static <T> T await(CompletableFuture<T> future) {
    try {
      return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new LoadException("a connection failed: " + e.getCause());
    } catch (TimeoutException e) {
      throw new LoadException("no login within " + TIMEOUT_SECONDS + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
  }

  private CompletableFuture<LoadClient> open(Lane lane, LoadClient.Listener listener) {
    ClientHandler handler = new ClientHandler(upgrade, memory(lane), listener);
    Class<? extends SocketChannel> type =
        Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    var unused =
        new Bootstrap()
            .group(lane(lane))
            .channel(type)
            .handler(handler)
            .connect(host, port)
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    handler.loggedIn().completeExceptionally(connected.cause());
                  }
                });
    return handler.loggedIn();
  }

  private EventLoopGroup lane(Lane lane) {
    EventLoopGroup loop = loops.get(lane);
    if (loop == null) {
      throw new IllegalStateException("no such lane: " + lane);
    }
    return loop;
  }

  private FrameMemory memory(Lane lane) {
    FrameMemory memory = memories.get(lane);
    if (memory == null) {
      throw new IllegalStateException("no such lane: " + lane);
    }
    return memory;
  }

  /** Closes all connections. */
  @Override
  public void close() {
    all.forEach(LoadClient::close);
    for (EventLoopGroup loop : loops.values()) {
      loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
