package io.millrace.server.grid;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.peer.Peers;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.Writer;
import io.millrace.server.tracing.TraceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Delivery from owners on this node to this node and to others, over the node links. */
final class RecordPeers implements NodeDelivery, PeerFeature<RecordPeers.Message> {

  /** What an owner says. */
  sealed interface Message {}

  record Changed(RecordChange change) implements Message {}

  record Stored(long ticket) implements Message {}

  /** The stream begins: what was said before it may have been lost. */
  record Began() implements Message {}

  /** Parts of the cluster have met: what is followed has to be compared with the owners. */
  record Compare() implements Message {}

  /**
   * How far the node has done a duty (see {@link Watermarks}).
   *
   * @param duty its name
   */
  record StoredUpTo(String duty, long watermark) implements Message {}

  private final String self;
  private final RecordFollower follower;
  private final PendingAcks acks;
  private final Map<String, Watermarks> watermarks;
  private final PeerChannel<Message> channel;
  private final Runnable met;

  private final LossWatch losses;

  /**
   * @param watermarks by the name of their duty
   * @param met is run when a node that was cut off has brought what it has
   */
  @SuppressWarnings("this-escape")
  RecordPeers(
      Membership membership,
      Peers peers,
      RecordFollower follower,
      PendingAcks acks,
      Map<String, Watermarks> watermarks,
      Runnable met) {
    this.met = met;
    this.self = membership.self();
    this.follower = follower;
    this.acks = acks;
    this.watermarks = Map.copyOf(watermarks);
    this.losses = new LossWatch(membership, follower, this::tellOthers);
    this.channel = peers.open(this);
  }

  LossWatch losses() {
    return losses;
  }

  private void tellOthers() {
    channel.sendToAll(new Compare());
  }

  @Override
  public void changed(String node, RecordChange change) {
    if (node.equals(self)) {
      follower.changed(self, change);
    } else {
      channel.send(node, new Changed(change));
    }
  }

  @Override
  public void stored(String node, long ticket) {
    if (node.equals(self)) {
      acks.stored(ticket);
    } else {
      channel.send(node, new Stored(ticket));
    }
  }

  /** Tells the others how far this node has done its duties. */
  void announce() {
    watermarks.forEach((duty, mark) -> channel.sendToAll(new StoredUpTo(duty, mark.own())));
  }

  @Override
  public PeerTopic topic() {
    return PeerTopic.RECORD;
  }

  @Override
  public void joined(String node) {
    channel.send(node, new Began());
    watermarks.forEach((duty, mark) -> channel.send(node, new StoredUpTo(duty, mark.own())));
    acks.disturbed();
  }

  @Override
  public void left(String node) {
    losses.streamEnded(node);
    // What it has stored stays stored; but perhaps it has said so in vain.
    acks.disturbed();
  }

  @Override
  public void received(String node, Message message) {
    switch (message) {
      case Changed changed -> follower.changed(node, changed.change());
      case Stored stored -> acks.stored(stored.ticket());
      case Began() -> losses.streamBegan(node);
      case Compare() -> {
        met.run();
        losses.asked();
      }
      case StoredUpTo upTo -> {
        Watermarks known = watermarks.get(upTo.duty());
        if (known != null) {
          known.heard(node, upTo.watermark());
        }
      }
    }
  }

  @Override
  public int weight(Message message) {
    return switch (message) {
      case Changed changed ->
          (int) Math.min(Integer.MAX_VALUE, 200 + 2 * changed.change().length());
      case Stored stored -> 50;
      case Began() -> 20;
      case Compare() -> 20;
      case StoredUpTo upTo -> 50 + 2 * upTo.duty().length();
    };
  }

  @Override
  public void write(Message message, PeerOutput out) {
    switch (message) {
      case Changed changed -> {
        TraceContext trace = changed.change().trace();
        out.writeByte(trace == null ? 0 : 4);
        if (trace != null) {
          writeTrace(trace, out);
        }
        writeChange(changed.change(), out);
      }
      case Stored stored -> {
        out.writeByte(1);
        out.writeLong(stored.ticket());
      }
      case Began() -> out.writeByte(2);
      case Compare() -> out.writeByte(3);
      case StoredUpTo upTo -> {
        out.writeByte(10);
        out.writeText(upTo.duty());
        out.writeLong(upTo.watermark());
      }
    }
  }

  @Override
  public Message read(PeerInput in) {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new Changed(readChange(in));
      case 1 -> new Stored(in.readLong());
      case 2 -> new Began();
      case 3 -> new Compare();
      case 4 -> {
        TraceContext trace = readTrace(in);
        yield new Changed(readChange(in).tracedBy(trace));
      }
      case 10 -> new StoredUpTo(in.readText(), in.readLong());
      default -> throw new IllegalArgumentException("unknown message " + kind);
    };
  }

  private static void writeTrace(TraceContext trace, PeerOutput out) {
    out.writeLong(trace.traceHigh());
    out.writeLong(trace.traceLow());
    out.writeLong(trace.spanId());
    out.writeByte(trace.flags());
    out.writeOptionalText(trace.state());
  }

  private static TraceContext readTrace(PeerInput in) {
    return new TraceContext(
        in.readLong(), in.readLong(), in.readLong(), (byte) in.readByte(), in.readOptionalText());
  }

  private static void writeChange(RecordChange change, PeerOutput out) {
    out.writeText(change.name().value());
    out.writeLong(change.incarnation());
    out.writeInt(change.version());
    out.writeBoolean(change.resync());
    Writer writer = change.writer();
    out.writeBoolean(writer != null);
    if (writer != null) {
      out.writeText(writer.node());
      out.writeLong(writer.connection());
    }
    switch (change.body()) {
      case RecordChange.Whole whole -> {
        out.writeByte(0);
        out.writeText(whole.data().text());
      }
      case RecordChange.Paths paths -> {
        out.writeByte(1);
        out.writeInt(paths.writes().size());
        for (RecordChange.At at : paths.writes()) {
          JsonText value = at.value();
          out.writeText(at.path());
          out.writeOptionalText(value == null ? null : value.text());
        }
      }
      case RecordChange.Deleted() -> out.writeByte(2);
    }
  }

  private static RecordChange readChange(PeerInput in) {
    RecordName name = new RecordName(in.readText());
    long incarnation = in.readLong();
    int version = in.readInt();
    boolean resync = in.readBoolean();
    Writer writer = in.readBoolean() ? new Writer(in.readText(), in.readLong()) : null;
    return new RecordChange(name, incarnation, version, readBody(in), resync, writer);
  }

  private static RecordChange.Body readBody(PeerInput in) {
    int kind = in.readByte();
    return switch (kind) {
      case 0 -> new RecordChange.Whole(new JsonText(in.readText()));
      case 1 -> {
        int count = in.readInt();
        List<RecordChange.At> writes = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
          writes.add(new RecordChange.At(in.readText(), json(in.readOptionalText())));
        }
        yield new RecordChange.Paths(writes);
      }
      case 2 -> new RecordChange.Deleted();
      default -> throw new IllegalArgumentException("unknown kind of change " + kind);
    };
  }

  private static @Nullable JsonText json(@Nullable String text) {
    return text == null ? null : new JsonText(text);
  }
}
