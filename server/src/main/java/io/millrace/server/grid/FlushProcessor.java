package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/**
 * Waits until a record is stored as it is, and says which sequence that is. What is stored already
 * is not stored again: storage may have been changed since, and that is not to be lost.
 */
final class FlushProcessor extends CellProcessor implements ReadOnly {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 8;

  private transient AckTicket ticket = new AckTicket("", 0, true);

  FlushProcessor() {}

  FlushProcessor(AckTicket ticket) {
    this.ticket = ticket;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    services.whenStored(name, cell, ticket);
    return new GridAnswer.Sequence(cell.sequence());
  }

  @Override
  boolean isReadOnly() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new FlushProcessor(ticket);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    GridSerialization.writeTicket(out, ticket);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    ticket = GridSerialization.readTicket(in);
  }
}
