package io.millrace.server.permission;

import io.millrace.protocol.value.RecordName;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rule is told about the request that it judges (protocol §8.1).
 *
 * @param asker who asks
 * @param action the number of the action
 * @param name of the record, event, call or user; null when the request names none
 * @param variables what the path's variables stand for, by their names with the dollar
 * @param record the record that {@code oldData} shows and that patches apply to; null when the
 *     request is not about one
 * @param nowMillis the time
 */
record RuleFacts(
    Asker asker,
    int action,
    @Nullable String name,
    Map<String, String> variables,
    @Nullable RecordName record,
    RuleData data,
    long nowMillis) {}
