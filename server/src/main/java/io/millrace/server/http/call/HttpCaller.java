package io.millrace.server.http.call;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who asks over HTTP: to features a session like those of sockets, with an id that no
 * socket has. Does not count as a user who is online. Confined to its event loop.
 */
public final class HttpCaller implements Subscriber {

  /** As for a socket: more than that, and a long request is begun piece by piece. */
  private static final int MAX_OPEN_REQUESTS = 128;

  private final long id;
  private final EventLoop loop;
  private final User user;
  private final Inbox inbox;
  private final @Nullable TraceContext trace;
  private final Dispatcher dispatcher;
  private final Deque<ClientMessage> held = new ArrayDeque<>(0);
  private final Deque<Runnable> steps = new ArrayDeque<>(0);
  private int holds;
  private int openRequests;
  private boolean proceeding;
  private boolean idleQueued;
  private boolean closed;

  /** Where answers and changes go; called on the loop. */
  public interface Inbox {
    void received(ServerMessage message);

    /** All that was said has been carried out, and nothing waits for an answer. */
    void idle();

    /** Whether the reader of the answers has not too much to read already. */
    boolean isWritable();
  }

  /**
   * @param id one that no other session of this node has or will have
   * @param trace that its requests belong to, or null
   */
  public HttpCaller(
      long id,
      EventLoop loop,
      User user,
      Inbox inbox,
      Dispatchers dispatchers,
      @Nullable TraceContext trace) {
    this.id = id;
    this.loop = loop;
    this.user = user;
    this.inbox = inbox;
    this.trace = trace;
    this.dispatcher = dispatchers.forSubscriber(this);
  }

  /** Says what a client would say; it is carried out after what was said before. */
  public void say(ClientMessage message) {
    held.add(message);
    proceed();
  }

  /** Has {@link Inbox#idle} called, in a task of its own, as soon as nothing is under way. */
  public void whenQuiet() {
    proceed();
  }

  /**
   * Which life of a record, between its creation and its deletion, the subscription to it is in; 0
   * if there is no subscription.
   */
  public long lifeOf(RecordName name) {
    return dispatcher.lifeOf(name);
  }

  /** The reader can take more, or not. */
  public void writabilityChanged() {
    if (!closed) {
      dispatcher.writabilityChanged();
      proceed();
    }
  }

  /** Ends all subscriptions; what still comes is not passed on. */
  public void close() {
    if (!closed) {
      closed = true;
      held.clear();
      steps.clear();
      dispatcher.close();
    }
  }

  private void proceed() {
    if (proceeding || closed) {
      return;
    }
    proceeding = true;
    try {
      while (holds == 0 && !isBusy() && !closed) {
        Runnable step = steps.poll();
        if (step != null) {
          step.run();
          continue;
        }
        ClientMessage next = held.poll();
        if (next == null) {
          break;
        }
        dispatcher.dispatch(next);
      }
    } finally {
      proceeding = false;
    }
    if (isIdle() && !idleQueued) {
      idleQueued = true;
      // After the task that runs now: whoever has just released or ended something may go on.
      loop.execute(this::checkIdle);
    }
  }

  private void checkIdle() {
    idleQueued = false;
    if (isIdle()) {
      inbox.idle();
    }
  }

  private boolean isIdle() {
    return !closed && holds == 0 && openRequests == 0 && steps.isEmpty() && held.isEmpty();
  }

  // --- what features see

  @Override
  public long id() {
    return id;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public User user() {
    return user;
  }

  @Override
  public @Nullable TraceContext trace() {
    return trace;
  }

  @Override
  public boolean isWritable() {
    return inbox.isWritable();
  }

  @Override
  public void send(ServerMessage message) {
    if (!closed) {
      inbox.received(message);
    }
  }

  @Override
  public void send(SharedMessage message) {
    if (!closed) {
      inbox.received(message.message());
    }
  }

  @Override
  public void hold() {
    holds++;
  }

  @Override
  public void release() {
    holds--;
    proceed();
  }

  @Override
  public boolean isBusy() {
    return openRequests >= MAX_OPEN_REQUESTS || !isWritable();
  }

  @Override
  public void whenFree(Runnable step) {
    steps.add(step);
  }

  @Override
  public void requestStarted() {
    openRequests++;
  }

  @Override
  public void requestEnded() {
    openRequests--;
    proceed();
  }
}
