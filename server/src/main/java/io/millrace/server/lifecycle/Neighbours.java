package io.millrace.server.lifecycle;

import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.peer.Peers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where the clients of this node can go when it leaves: the nodes that can be reached and are not
 * about to leave themselves. Thread-safe.
 */
public final class Neighbours implements PeerFeature<Neighbours.Status> {

  /**
   * What a node says of itself.
   *
   * @param url where clients reach it, without the path of an endpoint; empty if that is not known
   */
  record Status(String url, boolean leaving) {}

  private final PeerChannel<Status> channel;
  private final Map<String, Status> others = new ConcurrentHashMap<>();
  private volatile Status own = new Status("", false);

  /** Where this node's own clients come; those who share it with others find these there. */
  private volatile String ownUrl = "";

  @SuppressWarnings("this-escape")
  public Neighbours(Peers peers) {
    channel = peers.open(this);
  }

  /** From here on others send their clients here, when they leave. */
  public void serving(Optional<String> url) {
    ownUrl = url.orElse("");
    say(new Status(ownUrl, false));
  }

  /** From here on others send no clients here, and those who come are sent elsewhere. */
  public void leaving() {
    say(new Status("", true));
  }

  /** Under a lock with {@link #joined}, so that nobody hears the older status last. */
  private synchronized void say(Status status) {
    own = status;
    channel.sendToAll(status);
  }

  /** Another node's url for the path; empty as long as this node stays, or if there is none. */
  public Optional<String> elsewhere(String path) {
    return own.leaving() ? another().map(url -> url + path) : Optional.empty();
  }

  /** Whether there is another node for this node's clients. */
  public boolean hasOthers() {
    return another().isPresent();
  }

  private Optional<String> another() {
    List<String> urls =
        others.values().stream()
            .filter(status -> !status.leaving() && !status.url().isEmpty())
            // A load balancer's address: it has to look for a node that is ready.
            .filter(status -> !status.url().equals(ownUrl))
            .map(Status::url)
            .toList();
    return urls.isEmpty()
        ? Optional.empty()
        : Optional.of(urls.get(ThreadLocalRandom.current().nextInt(urls.size())));
  }

  @Override
  public PeerTopic topic() {
    return PeerTopic.NEIGHBOURS;
  }

  @Override
  public synchronized void joined(String node) {
    channel.send(node, own);
  }

  @Override
  public void left(String node) {
    others.remove(node);
  }

  @Override
  public void received(String node, Status status) {
    others.put(node, status);
  }

  @Override
  public int weight(Status status) {
    return 100;
  }

  @Override
  public void write(Status status, PeerOutput out) {
    out.writeText(status.url());
    out.writeBoolean(status.leaving());
  }

  @Override
  public Status read(PeerInput in) {
    return new Status(in.readText(), in.readBoolean());
  }
}
