package io.millrace.server.cluster;

/**
 * What a node says first on a stream.
 *
 * @param attempt grows with each stream from that node to this one: an older one that comes late
 *     must not replace a newer one
 * @param to the node that is meant: an address may have got another one
 */
record Hello(long attempt, String cluster, String from, String to) {

  void write(FrameOutput out) {
    out.writeInt(FrameKind.MAGIC);
    out.writeInt(FrameKind.VERSION);
    out.writeLong(attempt);
    out.writeText(cluster);
    out.writeText(from);
    out.writeText(to);
  }

  static Hello read(FrameInput in) throws LinkFault {
    if (in.readInt() != FrameKind.MAGIC) {
      throw new LinkFault("not a node of Millrace");
    }
    int version = in.readInt();
    if (version != FrameKind.VERSION) {
      throw new LinkFault(
          "version " + version + " of the links' format, here it is " + FrameKind.VERSION);
    }
    return new Hello(in.readLong(), word(in), word(in), word(in));
  }

  /** What is not let in is told of in the log, where it must not make lines of its own. */
  private static String word(FrameInput in) throws LinkFault {
    String text = in.readText();
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new LinkFault("not a name of a node or cluster");
    }
    return text;
  }
}
