package io.millrace.server.dispatch;

import io.millrace.server.event.Events;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.presence.Presence;
import io.millrace.server.record.Records;

/** What a node offers to those who are logged in, and who stands before it. */
public record Features(PermissionGate gate, Records records, Events events, Presence presence) {}
