package io.millrace.server.mapping;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.DeltaOperation;

/** A change of one record. Its trees belong to who gets it. */
public record MappedChange(RecordName name, DeltaOperation operation) {}
