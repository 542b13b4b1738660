package io.millrace.server.record;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record as it is stored, with the log positions that produced it.
 *
 * @param incarnation grows each time the name is created anew, so that version 3 of today is not
 *     taken for version 3 of before the deletion
 * @param version the version of the data; of a deleted record, the last one it had
 * @param data null when the record is deleted and only its positions are kept
 * @param positions per log partition ({@code topic/partition}) the offset of the last message that
 *     changed this record
 */
public record StoredRecord(
    RecordName name,
    long incarnation,
    int version,
    @Nullable JsonText data,
    Map<String, Long> positions) {
  public StoredRecord {
    positions = Map.copyOf(positions);
  }
}
