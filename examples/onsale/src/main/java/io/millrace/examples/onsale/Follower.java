package io.millrace.examples.onsale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * A subscriber that trusts nobody: follows every section, applies each message to its own copies,
 * and counts. All state is guarded by this; messages arrive on the connection's thread.
 */
final class Follower implements AutoCloseable {
  private static final long ANSWER_SECONDS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Map<String, FollowedSection> sections = new HashMap<>();
  private final Map<String, CompletableFuture<RecordPush.ReadResponse>> reads = new HashMap<>();
  private final CompletableFuture<Void> loggedIn = new CompletableFuture<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();

  /** From a Host's send to the callback here, in microseconds. */
  private final Histogram latency = new Histogram(3);

  private final WireConnection connection;

  private Follower(int port) {
    Venue.SECTIONS.forEach(section -> sections.put(section.recordName(), new FollowedSection()));
    connection = WireConnection.open(port, this::receive, this::lost);
  }

  /** Logs in, subscribes to all sections and waits for their first states. */
  static Follower start(int port) throws InterruptedException {
    Follower follower = new Follower(port);
    try {
      follower.connection.login();
      await(follower.loggedIn);
      List<RecordName> names =
          Venue.SECTIONS.stream().map(section -> new RecordName(section.recordName())).toList();
      follower.connection.send(
          new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, names, "0"));
      await(follower.ready);
      return follower;
    } catch (RuntimeException | InterruptedException e) {
      follower.close();
      throw e;
    }
  }

  /**
   * Waits until every section has been announced: then the whole way from the Hosts to here is
   * open.
   */
  void awaitSeats() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!allAnnounced()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "after %d s there are sections without seats".formatted(PATIENCE.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private synchronized boolean allAnnounced() {
    return sections.values().stream().allMatch(section -> section.version() > 0);
  }

  /** Asks the server for the record as it is there now. */
  RecordPush.ReadResponse read(Section section) throws InterruptedException {
    CompletableFuture<RecordPush.ReadResponse> answer = new CompletableFuture<>();
    synchronized (this) {
      reads.put(section.recordName(), answer);
    }
    connection.send(new RecordRequest.Read(new RecordName(section.recordName())));
    return await(answer);
  }

  synchronized int version(Section section) {
    return followed(section.recordName()).version();
  }

  synchronized JsonNode data(Section section) {
    return followed(section.recordName()).data();
  }

  synchronized long delivered() {
    return sum(FollowedSection::delivered);
  }

  synchronized long conflated() {
    return sum(FollowedSection::conflated);
  }

  synchronized long broken() {
    return sum(FollowedSection::broken);
  }

  /** What was measured since the last call, in microseconds. */
  synchronized Histogram takeLatency() {
    Histogram taken = latency.copy();
    latency.reset();
    return taken;
  }

  /** Shows the server that somebody is there; to be called a few times a minute. */
  void ping() {
    connection.ping();
  }

  @Override
  public void close() {
    connection.close();
  }

  private synchronized void receive(ServerMessage message) {
    long now = EpochMicros.now();
    switch (message) {
      case AuthReply reply when reply.action() == AuthAction.AUTH_SUCCESSFUL ->
          loggedIn.complete(null);
      case RecordPush.ReadResponse(var name, var version, var data) ->
          state(name.value(), new RecordPush.ReadResponse(name, version, data));
      case RecordPush.Update(var name, var version, var data) ->
          followed(name.value()).update(version, parsed(data));
      case RecordPush.Patch(var name, var version, var path, var data) -> {
        JsonNode seat =
            followed(name.value()).patch(version, path, data == null ? missing() : parsed(data));
        if (seat != null) {
          latency.recordValue(Math.max(0, now - seat.path("t").asLong(now)));
        }
      }
      case RecordPush.PatchMulti(var name, var version, var data) ->
          followed(name.value()).surprise();
      case RecordPush.Deleted(var name) -> followed(name.value()).surprise();
      default -> {
        // Acknowledgements and what concerns other features.
      }
    }
  }

  private void state(String name, RecordPush.ReadResponse answer) {
    CompletableFuture<RecordPush.ReadResponse> asked = reads.remove(name);
    if (asked != null) {
      asked.complete(answer);
      return;
    }
    followed(name).start(answer.version(), parsed(answer.data()));
    if (sections.values().stream().allMatch(FollowedSection::known)) {
      ready.complete(null);
    }
  }

  private synchronized void lost(Throwable reason) {
    loggedIn.completeExceptionally(reason);
    ready.completeExceptionally(reason);
    reads.values().forEach(answer -> answer.completeExceptionally(reason));
  }

  private FollowedSection followed(String name) {
    FollowedSection section = sections.get(name);
    if (section == null) {
      throw new IllegalStateException("the server spoke of a record that nobody asked for");
    }
    return section;
  }

  private long sum(ToLongFunction<FollowedSection> of) {
    Collection<FollowedSection> all = sections.values();
    return all.stream().mapToLong(of).sum();
  }

  private static JsonNode parsed(JsonText text) {
    return Json.parse(text).orElseGet(Follower::missing);
  }

  private static JsonNode missing() {
    return JsonNodeFactory.instance.missingNode();
  }

  private static <T> T await(CompletableFuture<T> answer) throws InterruptedException {
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the server hung up", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + ANSWER_SECONDS + " s", e);
    }
  }
}
