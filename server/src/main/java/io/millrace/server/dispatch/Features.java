package io.millrace.server.dispatch;

import io.millrace.server.event.Events;
import io.millrace.server.listen.Listening;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.presence.Presence;
import io.millrace.server.record.Records;
import io.millrace.server.rpc.Rpcs;

/** What a node offers to those who are logged in, and who stands before it. */
public record Features(
    PermissionGate gate,
    Records records,
    Listening recordListening,
    Events events,
    Listening eventListening,
    Rpcs rpcs,
    Presence presence) {}
