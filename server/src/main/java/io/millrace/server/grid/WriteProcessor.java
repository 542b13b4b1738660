package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecentWrites;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordCommand;
import io.millrace.server.record.Writer;
import io.millrace.server.tracing.TraceContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Has the owner carry out a command. */
final class WriteProcessor extends CellProcessor {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 1;

  private transient RecordCommand command = new RecordCommand.Create();
  private long newIncarnation;
  private transient @Nullable Writer writer;
  private transient @Nullable AckTicket ticket;
  private long writeId = RecentWrites.NO_ID;
  private long openId = RecentWrites.NO_ID;
  private boolean repeated;

  /** What caused it; backups do not know. */
  private transient @Nullable TraceContext trace;

  /** Whether the command's trees are still the asking node's, who may send them once more. */
  private transient boolean isShared = true;

  private transient boolean refused;

  WriteProcessor() {}

  WriteProcessor(
      RecordCommand command,
      long newIncarnation,
      @Nullable Writer writer,
      @Nullable AckTicket ticket,
      long writeId,
      long openId) {
    this.command = command;
    this.newIncarnation = newIncarnation;
    this.writer = writer;
    this.ticket = ticket;
    this.writeId = writeId;
    this.openId = openId;
  }

  WriteProcessor tracedBy(@Nullable TraceContext cause) {
    trace = cause;
    return this;
  }

  @Override
  void repeat() {
    repeated = true;
  }

  @Override
  boolean publishes(RecordCell cell) {
    return true;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    refused = !isBackup() && services.refusesChanges(name);
    if (refused) {
      return new GridAnswer.StorageFull();
    }
    RecordCommand own =
        isShared && services.mayBeAskedAgain() ? GridSerialization.copy(command) : command;
    return services.write(
        name,
        cell,
        new OwnerSide.Order(own, newIncarnation, writeId, openId, repeated),
        writer,
        ticket,
        trace,
        isBackup());
  }

  @Override
  boolean skipsBackup() {
    return refused;
  }

  @Override
  CellProcessor copy() {
    return copyOf(this);
  }

  private static WriteProcessor copyOf(WriteProcessor of) {
    WriteProcessor copy =
        new WriteProcessor(of.command, of.newIncarnation, null, null, of.writeId, of.openId);
    copy.repeated = of.repeated;
    return copy;
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    GridSerialization.writeCommand(out, command);
    out.writeLong(newIncarnation);
    out.writeLong(writeId);
    out.writeLong(openId);
    out.writeBoolean(repeated);
    Writer who = writer;
    out.writeBoolean(who != null);
    if (who != null) {
      out.writeString(who.node());
      out.writeLong(who.connection());
    }
    AckTicket wait = ticket;
    out.writeBoolean(wait != null);
    if (wait != null) {
      GridSerialization.writeTicket(out, wait);
    }
    GridSerialization.writeTrace(out, trace);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    command = GridSerialization.readCommand(in);
    isShared = false;
    newIncarnation = in.readLong();
    writeId = in.readLong();
    openId = in.readLong();
    repeated = in.readBoolean();
    writer = in.readBoolean() ? new Writer(GridSerialization.readText(in), in.readLong()) : null;
    ticket = in.readBoolean() ? GridSerialization.readTicket(in) : null;
    trace = GridSerialization.readTrace(in);
  }
}
