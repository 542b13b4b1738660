package io.millrace.server.rpc;

import io.millrace.protocol.RpcPush;
import io.millrace.protocol.value.JsonText;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call that somebody has made. What it says is fixed; how far it has come is confined to the home
 * loop of its name.
 *
 * <pre>
 *   (with nobody) --handed--> with a provider --ACCEPT--> accepted
 *         ^                          |                        |
 *         +------ REJECT, not accepted in time, gone ---------+ REJECT
 * </pre>
 */
final class RpcCall {

  /** What tells calls of one socket apart, as caller or as provider. */
  record Key(String name, String id) {}

  final Requester requester;
  final Key key;

  /** How much memory its data takes, about. */
  final int size;

  private final @Nullable String requestorName;
  private final @Nullable JsonText requestorData;
  private @Nullable JsonText data;

  /** Those whom it was handed to, each at most once. */
  private final Set<Provider> asked = new HashSet<>(2);

  /** Who has it in hand, and under which id, if anybody has. */
  private @Nullable Handed handed;

  private long startedNs;
  private boolean accepted;
  private boolean abandoned;

  /**
   * @param to who has the call in hand
   * @param id what the call is called towards the provider
   */
  record Handed(Provider to, String id) {}

  RpcCall(
      Requester requester,
      Key key,
      @Nullable JsonText data,
      @Nullable String requestorName,
      @Nullable JsonText requestorData) {
    this.requester = requester;
    this.key = key;
    this.data = data;
    this.size = data == null ? 0 : data.text().length();
    this.requestorName = requestorName;
    this.requestorData = requestorData;
  }

  String name() {
    return key.name();
  }

  void start(long nowNs) {
    startedNs = nowNs;
  }

  long startedNs() {
    return startedNs;
  }

  /** Puts the call into the hands of a provider; answers what to tell it. */
  RpcPush.Call handTo(Provider provider, String id) {
    asked.add(provider);
    handed = new Handed(provider, id);
    accepted = false;
    return new RpcPush.Call(key.name(), id, data, requestorName, requestorData);
  }

  /** Takes the call out of the hands that it is in; answers which these were. */
  Handed takeBack() {
    Handed was = Objects.requireNonNull(handed, "with nobody");
    handed = null;
    return was;
  }

  boolean wasHandedTo(Provider provider) {
    return asked.contains(provider);
  }

  /** Whether it was handed to anybody yet. */
  boolean wasHanded() {
    return !asked.isEmpty();
  }

  boolean isAccepted() {
    return accepted;
  }

  void accept() {
    accepted = true;
  }

  /** Whether nobody waits for the answer any more. */
  boolean isAbandoned() {
    return abandoned;
  }

  void abandon() {
    abandoned = true;
    data = null;
  }
}
