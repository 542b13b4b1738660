package io.millrace.server.http.call;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.server.auth.User;
import io.millrace.server.tracing.TraceContext;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Requests of one caller, made one after the other, that have a common time to be answered.
 * Confined to the caller's loop.
 */
public final class Calls implements HttpCaller.Inbox, AutoCloseable {
  private final HttpCaller caller;
  private final EventLoop loop;
  private final EventLoop.Timer deadline;
  private @Nullable Pending pending;
  private boolean late;
  private boolean closed;

  private static final class Pending {
    final ClientMessage request;
    final Consumer<Answer> callback;
    @Nullable Answer failure;

    Pending(ClientMessage request, Consumer<Answer> callback) {
      this.request = request;
      this.callback = callback;
    }
  }

  /**
   * @param id one that no other session of this node has or will have
   * @param timeout how long all calls together may take
   * @param trace that they belong to, or null
   */
  public Calls(
      long id,
      EventLoop loop,
      User user,
      Duration timeout,
      Dispatchers dispatchers,
      @Nullable TraceContext trace) {
    this.loop = loop;
    this.caller = new HttpCaller(id, loop, user, this, dispatchers, trace);
    this.deadline = loop.schedule(timeout, this::timeIsUp);
  }

  /**
   * Makes a request, when the one before has been answered. The callback is always a task of its
   * own, so that a long row of requests does not grow the stack or keep the loop from others; it
   * does not come after {@link #close}.
   */
  public void make(ClientMessage request, Consumer<Answer> callback) {
    if (pending != null) {
      throw new IllegalStateException("a call is made while another one is open");
    }
    pending = new Pending(request, callback);
    if (late) {
      finish(new Answer.TimedOut());
      return;
    }
    caller.say(request);
  }

  /** Nothing more will be asked, and nobody waits for an answer. */
  @Override
  public void close() {
    closed = true;
    pending = null;
    deadline.cancel();
    caller.close();
  }

  @Override
  public void received(ServerMessage message) {
    Pending call = pending;
    if (call == null) {
      return;
    }
    Replies.read(call.request, message)
        .ifPresent(
            answer -> {
              if (!endsWhenIdle(call.request)) {
                finish(answer);
              } else if (call.failure == null && answer instanceof Answer.Failed) {
                call.failure = answer;
              }
            });
  }

  @Override
  public void idle() {
    Pending call = pending;
    if (call != null && endsWhenIdle(call.request)) {
      finish(call.failure == null ? new Answer.Done() : call.failure);
    }
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  /**
   * An event is not acknowledged, and a notification of several names is partly, if some of them
   * are denied: both are over when nothing is left to be done.
   */
  private static boolean endsWhenIdle(ClientMessage request) {
    return request instanceof EventRequest.Emit || request instanceof RecordRequest.Notify;
  }

  private void finish(Answer answer) {
    Pending call = pending;
    if (call == null) {
      return;
    }
    pending = null;
    loop.execute(
        () -> {
          if (!closed) {
            call.callback.accept(answer);
          }
        });
  }

  private void timeIsUp() {
    late = true;
    finish(new Answer.TimedOut());
  }
}
