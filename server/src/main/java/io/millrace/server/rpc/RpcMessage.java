package io.millrace.server.rpc;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other about calls. A call goes by a number of the node that hands it on.
 */
sealed interface RpcMessage {

  /** What one loop of the sender says from here on belongs to the stream that has just begun. */
  record Begin(int loop) implements RpcMessage {}

  /** The sender has providers of the name. */
  record Provided(String name) implements RpcMessage {}

  /**
   * The sender has no providers of the name any more, or none for others.
   *
   * @param moving whether the sender is about to leave, and sends them to other nodes
   */
  record Unprovided(String name, boolean moving) implements RpcMessage {}

  /**
   * A call for the providers at the receiver.
   *
   * @param loop the sender's loop that hands it on
   * @param id the caller's own id for it
   * @param ageNs how long it has been open
   */
  record Ask(
      int loop,
      String name,
      long call,
      String id,
      long ageNs,
      @Nullable JsonText data,
      @Nullable String requestorName,
      @Nullable JsonText requestorData)
      implements RpcMessage {}

  /** Whoever made the call waits for the receiver no longer. */
  record Cancel(String name, long call) implements RpcMessage {}

  /** One provider has not taken the call, and the sender has handed it to another of its own. */
  record HandedOn(String name, long call) implements RpcMessage {}

  /** What a caller on the sender would be told. */
  record Told(String name, long call, RpcAction action, @Nullable JsonText data)
      implements RpcMessage {}

  static void write(RpcMessage message, PeerOutput out) {
    switch (message) {
      case Begin begin -> {
        out.writeByte(0);
        out.writeInt(begin.loop());
      }
      case Provided provided -> {
        out.writeByte(1);
        out.writeText(provided.name());
      }
      case Unprovided unprovided -> {
        out.writeByte(2);
        out.writeText(unprovided.name());
        out.writeBoolean(unprovided.moving());
      }
      case Ask ask -> {
        out.writeByte(3);
        out.writeInt(ask.loop());
        out.writeText(ask.name());
        out.writeLong(ask.call());
        out.writeText(ask.id());
        out.writeLong(ask.ageNs());
        out.writeOptionalText(text(ask.data()));
        out.writeOptionalText(ask.requestorName());
        out.writeOptionalText(text(ask.requestorData()));
      }
      case Cancel cancel -> {
        out.writeByte(4);
        out.writeText(cancel.name());
        out.writeLong(cancel.call());
      }
      case HandedOn on -> {
        out.writeByte(5);
        out.writeText(on.name());
        out.writeLong(on.call());
      }
      case Told told -> {
        out.writeByte(6);
        out.writeText(told.name());
        out.writeLong(told.call());
        out.writeByte(told.action().number());
        out.writeOptionalText(text(told.data()));
      }
    }
  }

  static RpcMessage read(PeerInput in) {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new Begin(in.readInt());
      case 1 -> new Provided(in.readText());
      case 2 -> new Unprovided(in.readText(), in.readBoolean());
      case 3 ->
          new Ask(
              in.readInt(),
              in.readText(),
              in.readLong(),
              in.readText(),
              in.readLong(),
              json(in.readOptionalText()),
              in.readOptionalText(),
              json(in.readOptionalText()));
      case 4 -> new Cancel(in.readText(), in.readLong());
      case 5 -> new HandedOn(in.readText(), in.readLong());
      case 6 ->
          new Told(
              in.readText(), in.readLong(), action(in.readByte()), json(in.readOptionalText()));
      default -> throw new IllegalArgumentException("unknown message " + kind);
    };
  }

  /** About how many bytes it takes. */
  static int weight(RpcMessage message) {
    return switch (message) {
      case Begin begin -> 50;
      case Provided provided -> 50 + provided.name().length();
      case Unprovided unprovided -> 50 + unprovided.name().length();
      case Ask ask -> 200 + 2 * (length(ask.data()) + length(ask.requestorData()));
      case Cancel cancel -> 50 + cancel.name().length();
      case HandedOn on -> 50 + on.name().length();
      case Told told -> 100 + 2 * length(told.data());
    };
  }

  private static RpcAction action(int number) {
    for (RpcAction each : RpcAction.values()) {
      if (each.number() == number) {
        return each;
      }
    }
    throw new IllegalArgumentException("unknown action " + number);
  }

  private static int length(@Nullable JsonText json) {
    return json == null ? 0 : json.text().length();
  }

  private static @Nullable String text(@Nullable JsonText json) {
    return json == null ? null : json.text();
  }

  private static @Nullable JsonText json(@Nullable String text) {
    return text == null ? null : new JsonText(text);
  }
}
