package io.millrace.server.websocket;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Netty event loop as {@link EventLoop}. */
final class NettyEventLoop implements EventLoop {
  private static final Logger LOG = LoggerFactory.getLogger(NettyEventLoop.class);

  private final int index;
  private final io.netty.channel.EventLoop loop;
  private final FlushQueue flushQueue;

  NettyEventLoop(int index, io.netty.channel.EventLoop loop) {
    this.index = index;
    this.loop = loop;
    this.flushQueue = new FlushQueue(this);
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public boolean inLoop() {
    return loop.inEventLoop();
  }

  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("event loop {} is shut down, a task is dropped", index);
    }
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    try {
      Future<?> scheduled = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> {
        var unused = scheduled.cancel(false);
      };
    } catch (RejectedExecutionException e) {
      LOG.debug("event loop {} is shut down, a timer is dropped", index);
      return () -> {};
    }
  }

  boolean is(io.netty.channel.EventLoop other) {
    return loop == other;
  }

  /** Connections with something to flush at the end of the tick. */
  FlushQueue flushQueue() {
    return flushQueue;
  }
}
