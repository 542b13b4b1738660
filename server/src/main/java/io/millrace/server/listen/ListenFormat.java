package io.millrace.server.listen;

import io.millrace.server.listen.ListenMessage.Claimed;
import io.millrace.server.listen.ListenMessage.Found;
import io.millrace.server.listen.ListenMessage.PatternAdded;
import io.millrace.server.listen.ListenMessage.PatternRemoved;
import io.millrace.server.listen.ListenMessage.Provided;
import io.millrace.server.listen.ListenMessage.Refused;
import io.millrace.server.listen.ListenMessage.Removed;
import io.millrace.server.listen.ListenMessage.SayAgain;
import io.millrace.server.listen.ListenMessage.TimedOut;
import io.millrace.server.listen.ListenMessage.Unclaimed;
import io.millrace.server.listen.ListenMessage.Unwanted;
import io.millrace.server.listen.ListenMessage.Wanted;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import java.util.ArrayList;
import java.util.List;

/** How messages of one node to another look on the way: their count, and each with its number. */
final class ListenFormat {
  /** What a message takes in memory, besides its text. */
  private static final int OVERHEAD = 64;

  private ListenFormat() {}

  static void write(List<ListenMessage> batch, PeerOutput out) {
    out.writeInt(batch.size());
    for (ListenMessage each : batch) {
      write(each, out);
    }
  }

  static List<ListenMessage> read(PeerInput in) {
    int count = in.readInt();
    List<ListenMessage> batch = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      batch.add(readOne(in));
    }
    return batch;
  }

  static int weight(List<ListenMessage> batch) {
    int weight = OVERHEAD;
    for (ListenMessage each : batch) {
      weight += weight(each);
    }
    return weight;
  }

  static int weight(ListenMessage message) {
    return OVERHEAD + textOf(message).length() * 2;
  }

  private static String textOf(ListenMessage message) {
    return switch (message) {
      case ListenMessage.ToCoordinator each -> each.name();
      case ListenMessage.FromCoordinator each -> each.name();
      case PatternAdded each -> each.pattern();
      case PatternRemoved removed -> "";
      case SayAgain again -> "";
    };
  }

  private static void write(ListenMessage message, PeerOutput out) {
    switch (message) {
      case Wanted each -> {
        begin(out, 0, each.name());
        out.writeLong(each.number());
        out.writeBoolean(each.provided());
        out.writeBoolean(each.again());
      }
      case Unwanted each -> {
        begin(out, 1, each.name());
        out.writeBoolean(each.moved());
      }
      case Claimed each -> {
        begin(out, 2, each.name());
        out.writeLong(each.listener());
        out.writeLong(each.number());
        out.writeBoolean(each.again());
      }
      case Unclaimed each -> {
        begin(out, 3, each.name());
        out.writeLong(each.listener());
      }
      case Refused each -> {
        begin(out, 4, each.name());
        out.writeLong(each.listener());
      }
      case Provided each -> {
        begin(out, 5, each.name());
        out.writeLong(each.number());
        out.writeBoolean(each.provided());
      }
      case Found each -> {
        begin(out, 6, each.name());
        out.writeLong(each.listener());
      }
      case Removed each -> {
        begin(out, 7, each.name());
        out.writeLong(each.listener());
        out.writeLong(each.number());
      }
      case TimedOut each -> {
        begin(out, 8, each.name());
        out.writeLong(each.listener());
      }
      case PatternAdded each -> {
        begin(out, 9, each.pattern());
        out.writeLong(each.listener());
      }
      case PatternRemoved each -> {
        out.writeByte(10);
        out.writeLong(each.listener());
      }
      case SayAgain each -> out.writeByte(11);
    }
  }

  private static void begin(PeerOutput out, int kind, String text) {
    out.writeByte(kind);
    out.writeText(text);
  }

  private static ListenMessage readOne(PeerInput in) {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new Wanted(in.readText(), in.readLong(), in.readBoolean(), in.readBoolean());
      case 1 -> new Unwanted(in.readText(), in.readBoolean());
      case 2 -> new Claimed(in.readText(), in.readLong(), in.readLong(), in.readBoolean());
      case 3 -> new Unclaimed(in.readText(), in.readLong());
      case 4 -> new Refused(in.readText(), in.readLong());
      case 5 -> new Provided(in.readText(), in.readLong(), in.readBoolean());
      case 6 -> new Found(in.readText(), in.readLong());
      case 7 -> new Removed(in.readText(), in.readLong(), in.readLong());
      case 8 -> new TimedOut(in.readText(), in.readLong());
      case 9 -> {
        String pattern = in.readText();
        yield new PatternAdded(in.readLong(), pattern);
      }
      case 10 -> new PatternRemoved(in.readLong());
      case 11 -> new SayAgain();
      default -> throw new IllegalArgumentException("there is no message " + kind);
    };
  }
}
