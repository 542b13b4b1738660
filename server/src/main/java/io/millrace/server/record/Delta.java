package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;

/** A change of one record that came from a log, to be applied exactly once (P5). */
public record Delta(RecordName name, DeltaOperation operation, LogPosition position) {}
