package io.millrace.server.mapping;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.DeltaOperation;
import java.util.OptionalLong;

/**
 * A change of one record. Its trees belong to who gets it.
 *
 * @param sequence the Host's own number of it, if the source says where that is and it is a number
 */
public record MappedChange(RecordName name, DeltaOperation operation, OptionalLong sequence) {
  public MappedChange(RecordName name, DeltaOperation operation) {
    this(name, operation, OptionalLong.empty());
  }
}
