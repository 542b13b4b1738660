package io.millrace.server.peer;

import java.util.ArrayList;
import java.util.List;

/** What a node says to another one of the names that it has. Every message bears repetition. */
public sealed interface NameNews {

  /** Names in one message: few enough that none takes long to send or to carry out. */
  int MAX_NAMES = 500;

  /** The node has these names. */
  record Has(List<String> names) implements NameNews {
    public Has {
      names = List.copyOf(names);
    }
  }

  /** The node has these names no more. */
  record HasNot(List<String> names) implements NameNews {
    public HasNot {
      names = List.copyOf(names);
    }
  }

  /**
   * All that one home loop had to say to a node that joined has been said.
   *
   * @param part which loop, from 0
   * @param parts how many loops the node has
   */
  record SaidAll(int part, int parts) implements NameNews {}

  /** About how many bytes it takes while it waits to be sent. */
  static int weight(NameNews news) {
    return switch (news) {
      case Has has -> weight(has.names());
      case HasNot hasNot -> weight(hasNot.names());
      case SaidAll all -> 32;
    };
  }

  private static int weight(List<String> names) {
    int weight = 32;
    for (String name : names) {
      weight += 8 + name.length();
    }
    return weight;
  }

  static void write(NameNews news, PeerOutput out) {
    switch (news) {
      case Has has -> {
        out.writeByte(0);
        write(has.names(), out);
      }
      case HasNot hasNot -> {
        out.writeByte(1);
        write(hasNot.names(), out);
      }
      case SaidAll all -> {
        out.writeByte(2);
        out.writeInt(all.part());
        out.writeInt(all.parts());
      }
    }
  }

  private static void write(List<String> names, PeerOutput out) {
    out.writeInt(names.size());
    names.forEach(out::writeText);
  }

  static NameNews read(PeerInput in) {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new Has(readNames(in));
      case 1 -> new HasNot(readNames(in));
      case 2 -> new SaidAll(in.readInt(), in.readInt());
      default -> throw new IllegalArgumentException("unknown kind of news " + kind);
    };
  }

  private static List<String> readNames(PeerInput in) {
    int count = in.readInt();
    if (count < 0 || count > MAX_NAMES) {
      throw new IllegalArgumentException(count + " names in one message");
    }
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(in.readText());
    }
    return names;
  }
}
