package io.millrace.server.record;

import io.millrace.protocol.ServerMessage;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.List;

/** A session that notes what it is sent, and on which loop. */
final class FakeSubscriber implements Subscriber {
  private final long id;
  private final EventLoop loop;
  private final List<ServerMessage> received = new ArrayList<>();
  private final List<Runnable> steps = new ArrayList<>();
  private boolean writable = true;
  private int openRequests;

  FakeSubscriber(long id, EventLoop loop) {
    this.id = id;
    this.loop = loop;
  }

  /** What was sent since this was last asked. */
  List<ServerMessage> take() {
    List<ServerMessage> all = List.copyOf(received);
    received.clear();
    return all;
  }

  @Override
  public boolean isBusy() {
    return !writable;
  }

  @Override
  public void whenFree(Runnable step) {
    steps.add(step);
  }

  int openRequests() {
    return openRequests;
  }

  void setWritable(boolean now) {
    writable = now;
    while (writable && !steps.isEmpty()) {
      steps.remove(0).run();
    }
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
