package io.millrace.server.subscription;

import io.millrace.protocol.ServerMessage;
import io.millrace.server.auth.User;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.List;

/** A session that notes what it is sent, and on which loop. */
public final class FakeSubscriber implements Subscriber {
  private final long id;
  private final EventLoop loop;
  private final List<ServerMessage> received = new ArrayList<>();
  private final User user;
  private boolean writable = true;
  private int openRequests;
  private int holds;

  public FakeSubscriber(long id, EventLoop loop) {
    this(id, loop, new User("user-" + id, null, null));
  }

  public FakeSubscriber(long id, EventLoop loop, User user) {
    this.id = id;
    this.loop = loop;
    this.user = user;
  }

  /** What was sent since this was last asked. */
  public List<ServerMessage> take() {
    List<ServerMessage> all = List.copyOf(received);
    received.clear();
    return all;
  }

  @Override
  public boolean isBusy() {
    // A real session holds back what comes later, too; that is tested with it.
    return false;
  }

  @Override
  public void whenFree(Runnable step) {
    step.run();
  }

  public int openRequests() {
    return openRequests;
  }

  public void setWritable(boolean now) {
    writable = now;
  }

  /** Whether something has the session wait. */
  public boolean isHeld() {
    return holds > 0;
  }

  @Override
  public User user() {
    return user;
  }

  @Override
  public void hold() {
    requireLoop();
    holds++;
  }

  @Override
  public void release() {
    requireLoop();
    holds--;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public boolean isWritable() {
    requireLoop();
    return writable;
  }

  @Override
  public void send(ServerMessage message) {
    requireLoop();
    received.add(message);
  }

  @Override
  public void send(SharedMessage message) {
    requireLoop();
    received.add(CountedMessages.read(message));
  }

  @Override
  public void requestStarted() {
    requireLoop();
    openRequests++;
  }

  @Override
  public void requestEnded() {
    requireLoop();
    openRequests--;
  }

  private void requireLoop() {
    if (!loop.inLoop()) {
      throw new IllegalStateException("a session was touched from outside its loop");
    }
  }
}
