package io.millrace.server.grid;

import com.hazelcast.core.ReadOnly;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import io.millrace.server.record.RecordCell;
import java.io.IOException;

/**
 * Asks the owner of now to end a wait that began with another owner: it stores the record as it is,
 * whether that is stored or not. Answers with Done, or with something else if the record has not
 * come from the state that was waited for, because that was lost with all its copies.
 */
final class ConfirmProcessor extends CellProcessor implements ReadOnly {
  private static final long serialVersionUID = 1;
  static final int CLASS_ID = 20;

  private transient AckTicket ticket = new AckTicket("", 0, true);
  private long sequence;

  ConfirmProcessor() {}

  /**
   * @param sequence of the cell after the change that is waited for
   */
  ConfirmProcessor(AckTicket ticket, long sequence) {
    this.ticket = ticket;
    this.sequence = sequence;
  }

  @Override
  GridAnswer process(OwnerSide services, String name, RecordCell cell) {
    if (!cell.includes(sequence)) {
      return new GridAnswer.Sequence(cell.sequence());
    }
    services.storeAgain(name, cell, ticket);
    return new GridAnswer.Done();
  }

  @Override
  boolean isReadOnly() {
    return true;
  }

  @Override
  CellProcessor copy() {
    return new ConfirmProcessor(ticket, sequence);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    super.writeData(out);
    GridSerialization.writeTicket(out, ticket);
    out.writeLong(sequence);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    super.readData(in);
    ticket = GridSerialization.readTicket(in);
    sequence = in.readLong();
  }
}
