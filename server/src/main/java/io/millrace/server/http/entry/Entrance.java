package io.millrace.server.http.entry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.auth.User;
import io.millrace.server.config.HttpConfig;
import io.millrace.server.http.call.Calls;
import io.millrace.server.http.call.Dispatchers;
import io.millrace.server.http.call.HttpCaller;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What every request to the API passes: whether there is room for it, its body, who makes it, and
 * its way to the features. Thread-safe; each request is on its event loop.
 */
public final class Entrance {

  /** Requests under way on a node: as many as calls of procedures that all take their longest. */
  private static final int MAX_REQUESTS = 4096;

  /** What bodies may take of the heap: an eighth of it, at least some full ones. */
  private static final long MAX_BYTES = Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 8);

  private final HttpConfig config;
  private final EventLoops loops;
  private final LongSupplier ids;
  private final HttpLogin login;
  private final Dispatchers dispatchers;
  private final Tracing tracing;
  private final Admission admission = new Admission(MAX_REQUESTS, MAX_BYTES);

  /**
   * @param ids where callers get ids that no socket has
   */
  public Entrance(
      HttpConfig config,
      EventLoops loops,
      LongSupplier ids,
      HttpLogin login,
      Dispatchers dispatchers,
      Tracing tracing) {
    this.config = config;
    this.loops = loops;
    this.ids = ids;
    this.login = login;
    this.dispatchers = dispatchers;
    this.tracing = tracing;
  }

  /** Lets the request in if there is room; it must be over after some time, read and written. */
  public void admit(RoutingContext context) {
    Optional<Admission.Place> place = admission.enter(declaredSize(context.request()));
    if (place.isEmpty()) {
      context.response().putHeader("retry-after", "1");
      context.fail(new Refusal(429, "Too many requests are under way; try again later"));
      return;
    }
    // Body, work and response: who sends or reads too slowly for all of them is cut off.
    Duration longest = config.requestTimeout().multipliedBy(3);
    EventLoop.Timer timer =
        loops.current().schedule(longest, () -> context.request().connection().close());
    context.addEndHandler(
        ended -> {
          timer.cancel();
          place.get().close();
        });
    context.next();
  }

  private long declaredSize(HttpServerRequest request) {
    String length = request.getHeader("content-length");
    long max = config.maxBodySize().bytes();
    if (length == null) {
      return request.getHeader("transfer-encoding") == null ? 0 : max;
    }
    try {
      return Math.clamp(Long.parseLong(length), 0, max);
    } catch (NumberFormatException e) {
      return max;
    }
  }

  /** Reads the body, up to its largest size. */
  public BodyHandler body() {
    return BodyHandler.create(false).setBodyLimit(config.maxBodySize().bytes());
  }

  /** Asks who it is. Nothing comes back if the caller has gone meanwhile. */
  public void login(RoutingContext context, ObjectNode authData, Consumer<AuthOutcome> callback) {
    login.login(
        context.request(),
        authData,
        loops.current(),
        outcome -> {
          if (!context.response().closed()) {
            callback.accept(outcome);
          }
        });
  }

  /** The way to the features for one request; it ends with the request. */
  public Calls calls(RoutingContext context, User user) {
    Calls calls =
        new Calls(
            ids.getAsLong(),
            loops.current(),
            user,
            config.requestTimeout(),
            dispatchers,
            tracing.received(context.request()::getHeader));
    context.addEndHandler(ended -> calls.close());
    return calls;
  }

  /** The way to the features for a stream; to be closed by whoever opens it. */
  public HttpCaller caller(User user, HttpCaller.Inbox inbox) {
    return new HttpCaller(ids.getAsLong(), loops.current(), user, inbox, dispatchers, null);
  }

  public EventLoop loop() {
    return loops.current();
  }
}
