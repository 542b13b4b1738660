package io.millrace.server.transport;

import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import java.util.ArrayList;
import java.util.List;

/** Shared messages that are not encoded, and know who forgets to release them. */
public final class CountedMessages implements MessageEncoder {
  private final List<Counted> all = new ArrayList<>();

  @Override
  public SharedMessage share(ServerMessage message) {
    Counted counted = new Counted(message);
    all.add(counted);
    return counted;
  }

  /** What the message says. It must not have been released by all. */
  public static ServerMessage read(SharedMessage message) {
    return message.message();
  }

  /** How often something was encoded. */
  public int encoded() {
    return all.size();
  }

  /** Messages that somebody still holds. */
  public List<ServerMessage> held() {
    return all.stream().filter(each -> each.references > 0).map(each -> each.message).toList();
  }

  private static final class Counted implements SharedMessage {
    private final ServerMessage message;
    private int references = 1;

    Counted(ServerMessage message) {
      this.message = message;
    }

    void requireAlive() {
      if (references <= 0) {
        throw new IllegalStateException("used after its release: " + message);
      }
    }

    @Override
    public ServerMessage message() {
      requireAlive();
      return message;
    }

    @Override
    public int size() {
      return BinaryCodec.encode(message).length;
    }

    @Override
    public void retain() {
      requireAlive();
      references++;
    }

    @Override
    public void release() {
      requireAlive();
      references--;
    }
  }
}
