package io.millrace.server.rpc;

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

  /** What the caller calls it, and so do providers, if they have no other call of that id. */
  final String id;

  /** How much memory its data takes, about. */
  final int size;

  private final @Nullable String requestorName;
  private final @Nullable JsonText requestorData;
  private @Nullable JsonText data;

  /** Those whom it was handed to, each at most once. */
  private final Set<Object> asked = new HashSet<>(2);

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
      String id,
      @Nullable JsonText data,
      @Nullable String requestorName,
      @Nullable JsonText requestorData) {
    this.requester = requester;
    this.key = key;
    this.id = id;
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

  @Nullable JsonText data() {
    return data;
  }

  @Nullable String requestorName() {
    return requestorName;
  }

  @Nullable JsonText requestorData() {
    return requestorData;
  }

  /** Puts the call into the hands of a provider. */
  void handTo(Provider provider, String idThere) {
    asked.add(provider.who());
    handed = new Handed(provider, idThere);
    accepted = false;
  }

  /** Takes the call out of the hands that it is in; answers which these were. */
  Handed takeBack() {
    Handed was = Objects.requireNonNull(handed, "with nobody");
    handed = null;
    return was;
  }

  /** Whether another node has it in hand. */
  boolean isRemote() {
    return handed != null && !handed.to().isLocal();
  }

  boolean wasHandedTo(Provider provider) {
    return asked.contains(provider.who());
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

  /** Whoever accepted it on the node that has it in hand has given it back there. */
  void unaccept() {
    accepted = false;
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
