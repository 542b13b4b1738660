package io.millrace.server.http.call;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What can be asked over HTTP, as the messages that a client would send. */
public final class Requests {

  /** The version of a write that goes on top of whatever is there. */
  public static final int ANY_VERSION = -1;

  private Requests() {}

  public static ClientMessage read(RecordName name) {
    return new RecordRequest.Read(name);
  }

  public static ClientMessage head(RecordName name) {
    return new RecordRequest.Head(name);
  }

  /** Subscribes to a record, which is not created. */
  public static ClientMessage follow(RecordName name) {
    return new RecordRequest.Bulk(RecordAction.SUBSCRIBEANDREAD, List.of(name), id());
  }

  public static ClientMessage delete(RecordName name) {
    return new RecordRequest.Delete(name, null);
  }

  /** Replaces the data of a record that may be missing; needs the right to create. */
  public static ClientMessage put(RecordName name, int version, JsonText data) {
    return new RecordRequest.Update(
        RecordAction.CREATEANDUPDATE, name, version, data, acknowledged());
  }

  /** Replaces the data of a record that is there; does not need the right to create. */
  public static ClientMessage update(RecordName name, int version, JsonText data) {
    return new RecordRequest.Update(RecordAction.UPDATE, name, version, data, acknowledged());
  }

  /** Writes one path of a record that may be missing; needs the right to create. */
  public static ClientMessage putPath(RecordName name, int version, String path, JsonText data) {
    return new RecordRequest.Patch(
        RecordAction.CREATEANDPATCH, name, version, path, data, acknowledged());
  }

  /**
   * Writes one path of a record that is there.
   *
   * @param data null to remove what is at the path
   */
  public static ClientMessage patch(
      RecordName name, int version, String path, @Nullable JsonText data) {
    return new RecordRequest.Patch(RecordAction.PATCH, name, version, path, data, acknowledged());
  }

  public static ClientMessage notify(List<RecordName> names) {
    return new RecordRequest.Notify(names, id());
  }

  public static ClientMessage emit(String event, @Nullable JsonText data) {
    return new EventRequest.Emit(event, data);
  }

  public static ClientMessage call(String procedure, @Nullable JsonText data) {
    return new RpcRequest.Call(procedure, id(), data);
  }

  public static ClientMessage whoIsOnline() {
    return new PresenceRequest.Everybody(PresenceAction.QUERY_ALL);
  }

  public static ClientMessage areOnline(List<String> users) {
    return new PresenceRequest.Named(PresenceAction.QUERY, users, id());
  }

  private static WriteAckRequest acknowledged() {
    return new WriteAckRequest(true, id());
  }

  /** Providers see ids of calls, so they are not to be guessed or to repeat. */
  private static String id() {
    return UUID.randomUUID().toString();
  }
}
