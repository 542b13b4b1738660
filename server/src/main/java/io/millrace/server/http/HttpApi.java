package io.millrace.server.http;

import io.millrace.server.auth.Authenticator;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.http.batch.BatchApi;
import io.millrace.server.http.call.Dispatchers;
import io.millrace.server.http.entry.Entrance;
import io.millrace.server.http.entry.HttpLogin;
import io.millrace.server.http.rest.RestApi;
import io.millrace.server.http.sse.RecordStreams;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.transport.EventLoops;
import io.vertx.ext.web.Router;
import java.util.function.LongSupplier;

/** All that is served over HTTP to those who have no socket. Thread-safe. */
public final class HttpApi {
  private final BatchApi batch;
  private final RestApi rest;
  private final RecordStreams streams;

  /**
   * @param ids where callers get ids that no socket has
   * @param dispatchers makes a caller's way to the features
   */
  public HttpApi(
      MillraceConfig config,
      EventLoops loops,
      LongSupplier ids,
      Authenticator authenticator,
      Dispatchers dispatchers,
      Tracing tracing) {
    Entrance entrance =
        new Entrance(config.http(), loops, ids, new HttpLogin(authenticator), dispatchers, tracing);
    this.streams = new RecordStreams(entrance);
    this.batch = new BatchApi(config.http(), entrance);
    this.rest = new RestApi(config.http(), config.record(), entrance, streams);
  }

  /** Adds the routes to the router of one event loop. */
  public void mount(Router router) {
    batch.mount(router);
    rest.mount(router);
  }

  /** Ends all streams, so that their readers come again and find another node. */
  public void endStreams() {
    streams.endAll();
  }

  /** How many streams are open. */
  public int openStreams() {
    return streams.count();
  }
}
