package io.millrace.server;

import io.micrometer.core.instrument.Counter;
import io.millrace.server.auth.AuthChain;
import io.millrace.server.cluster.LinkLimits;
import io.millrace.server.cluster.Links;
import io.millrace.server.config.ClusterConfig;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.config.PermissionConfig;
import io.millrace.server.config.RpcConfig;
import io.millrace.server.config.ServerConfig;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.dispatch.Features;
import io.millrace.server.event.EventCounter;
import io.millrace.server.event.Events;
import io.millrace.server.format.PayloadFormats;
import io.millrace.server.grid.Grid;
import io.millrace.server.grid.GridNode;
import io.millrace.server.grid.GridProgressStore;
import io.millrace.server.grid.StorageObserver;
import io.millrace.server.http.AdminEndpoint;
import io.millrace.server.http.HttpApi;
import io.millrace.server.http.HttpEndpoint;
import io.millrace.server.http.Readiness;
import io.millrace.server.http.StaticFiles;
import io.millrace.server.kafka.KafkaChangelog;
import io.millrace.server.kafka.KafkaIngest;
import io.millrace.server.kafka.KeptProgress;
import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.kafka.WarmStart;
import io.millrace.server.lifecycle.Neighbours;
import io.millrace.server.listen.ListenTopic;
import io.millrace.server.listen.Listening;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.NodeId;
import io.millrace.server.permission.ConfigGate;
import io.millrace.server.permission.OpenGate;
import io.millrace.server.permission.PermissionCounter;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.permission.WatchedRules;
import io.millrace.server.presence.Presence;
import io.millrace.server.presence.PresenceCounter;
import io.millrace.server.record.FanoutCounter;
import io.millrace.server.record.ReconciliationCounter;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.RecordFollower;
import io.millrace.server.record.Records;
import io.millrace.server.rpc.RpcRules;
import io.millrace.server.rpc.Rpcs;
import io.millrace.server.session.SessionRules;
import io.millrace.server.session.Sessions;
import io.millrace.server.storage.JdbcStorage;
import io.millrace.server.tracing.Tracing;
import io.millrace.server.websocket.WebSocketTransport;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: the one place that knows every part. A server is the list of its parts,
 * built and started from the leaves to the open port, and stopped in the reverse order: no more
 * requests, no more deltas, store what is left.
 */
public final class Assembly implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  /** More than a settling takes when nodes do not answer. */
  private static final Duration WITHDRAWAL = Duration.ofSeconds(3);

  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::", "[::]");

  /** Longer than two attempts at a node. */
  private static final Duration MEETING = Duration.ofSeconds(5);

  private final Deque<Part> parts = new ArrayDeque<>();
  private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();
  private volatile boolean leaving;
  private int port;

  private record Part(String name, AutoCloseable stop) {}

  private Assembly() {}

  /** As {@link #start(MillraceConfig, Optional)}, without pages. */
  public static Assembly start(MillraceConfig config) {
    return start(config, Optional.empty());
  }

  /**
   * Starts a server; when it returns, clients can log in.
   *
   * @param pages a folder of static files to be served beside the endpoints
   * @throws RuntimeException if a part cannot start; what had started is stopped again
   */
  public static Assembly start(MillraceConfig config, Optional<Path> pages) {
    Assembly assembly = new Assembly();
    try {
      assembly.assemble(config, pages);
      return assembly;
    } catch (RuntimeException e) {
      assembly.close();
      throw e;
    }
  }

  /** The port that is listened on; differs from the configured one only if that is 0. */
  public int port() {
    return port;
  }

  /** Completes when an operator has asked that this node leaves and ends. */
  public CompletionStage<Void> stopRequested() {
    return stopRequested;
  }

  private void assemble(MillraceConfig config, Optional<Path> pages) {
    Metrics metrics = part("metrics", new Metrics());
    Tracing tracing =
        part(
            "tracing",
            Tracing.open(config.tracing(), config.server().name(), new TraceMeters(metrics)));
    JdbcStorage storage =
        config.storage().type() == StorageConfig.Type.NONE
            ? null
            : part("storage", JdbcStorage.open(config.storage()));

    AuthChain authenticator = part("authentication", AuthChain.open(config.auth()));

    int eventLoops = Math.max(1, Runtime.getRuntime().availableProcessors());
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions().setEventLoopPoolSize(eventLoops).setPreferNativeTransport(true));
    part("event loops", () -> vertx.close().toCompletionStage().toCompletableFuture().join());
    WebSocketTransport transport =
        new WebSocketTransport(
            vertx,
            config.websocket().maxMessageSize().bytesAsInt(),
            authenticator.usesConnectionData());

    Links links = config.cluster().enabled() ? links(config, vertx, transport, metrics) : null;
    GridNode self =
        links == null
            ? GridNode.alone(config.server().name())
            : new GridNode(links.self(), Optional.of(links.address()), links);
    Neighbours neighbours = new Neighbours(self.peers());
    List<KafkaChangelog> changelogs =
        KafkaChangelog.of(
            config.kafka(),
            config.cluster().name(),
            config.record().maxSize().bytes(),
            new ChangelogMeters(metrics),
            tracing);
    changelogs.forEach(each -> part("changelog " + each.name(), each));
    // Owners publish to Records, which asks owners: the one knot in the wiring.
    AtomicReference<Records> follower = new AtomicReference<>();
    Grid grid =
        part(
            "grid",
            Grid.start(
                config,
                self,
                storage,
                List.copyOf(changelogs),
                new RecordFollower() {
                  @Override
                  public void changed(String owner, RecordChange change) {
                    Objects.requireNonNull(follower.get()).changed(owner, change);
                  }

                  @Override
                  public void reconcile(Set<String> lost) {
                    Records records = follower.get();
                    if (records != null) {
                      records.reconcile(lost);
                    }
                  }
                },
                storageMeters(metrics),
                tracing));
    // Opened last, closed here: who asks that the node leaves wants to see how that goes.
    AtomicReference<AdminEndpoint> opened = new AtomicReference<>();
    part(
        "admin port",
        () -> {
          AdminEndpoint admin = opened.get();
          if (admin != null) {
            admin.close();
          }
        });
    metrics.gauge(Meter.STORAGE_WAITS, grid::pendingAcks);
    metrics.gauge(Meter.CLUSTER_NODES, () -> grid.membership().nodes().size());
    metrics.gauge(Meter.CLUSTER_SAFE, () -> grid.isSafe() ? 1 : 0);
    metrics.gauge(Meter.CLUSTER_MINORITY, () -> grid.membership().isMinority() ? 1 : 0);
    Membership members = grid.membership();
    metrics.gauge(Meter.STORAGE_UNSTORED, grid::unstored);
    metrics.gauge(Meter.STORAGE_OLDEST, () -> grid.oldestUnstored().toMillis() / 1e3);
    metrics.gauge(Meter.RECORDS, grid::held);
    for (KafkaChangelog each : changelogs) {
      String name = each.name();
      metrics.gauge(Meter.CHANGELOG_WAITING, "changelog", name, () -> grid.untold(name));
      metrics.gauge(
          Meter.CHANGELOG_OLDEST,
          "changelog",
          name,
          () -> grid.oldestUntold(name).toMillis() / 1e3);
    }
    Listening recordListening =
        new Listening(
            ListenTopic.RECORD, transport.loops(), config.listen(), self.peers(), members);
    Records records =
        new Records(
            grid.node(),
            transport.loops(),
            transport.encoder(),
            fanoutMeters(metrics),
            reconciliationMeters(metrics),
            config.record().hotPathPrefixes(),
            grid::store,
            recordListening,
            tracing);
    follower.set(records);

    Listening eventListening =
        new Listening(ListenTopic.EVENT, transport.loops(), config.listen(), self.peers(), members);
    Events events =
        new Events(
            transport.loops(),
            transport.encoder(),
            eventMeters(metrics),
            eventListening,
            self.peers());
    PermissionGate gate = gate(config.permission(), records, metrics);
    Presence presence =
        new Presence(
            transport.loops(), gate, presenceMeters(metrics), self.peers(), grid.membership());
    Rpcs rpcs =
        new Rpcs(transport.loops(), self.peers(), rules(config.rpc()), new RpcMeters(metrics));
    metrics.gauge(Meter.RPC_OPEN, rpcs::open);
    Features features =
        new Features(gate, records, recordListening, events, eventListening, rpcs, presence);

    if (links != null) {
      meet(links, grid);
    }
    KafkaIngest ingest = ingest(config, storage, grid, records, metrics, tracing);
    // Before that, deltas and clients would begin records anew that a changelog knows.
    WarmStart warmStart =
        part(
            "warm start",
            new WarmStart(
                config.kafka(),
                new WarmTurn(
                    grid,
                    config.kafka().changelog().stream().anyMatch(KafkaConfig.Changelog::warmStart)
                        ? storage
                        : null),
                grid.warmTarget(transport.loops().all().getFirst()),
                () -> {
                  if (ingest != null) {
                    ingest.start();
                  }
                }));
    warmStart.start(config.cluster().enabled());
    Sessions sessions =
        new Sessions(
            transport.loops(),
            new SessionRules(
                config.websocket().heartbeatInterval(),
                config.websocket().unauthenticatedClientTimeout(),
                config.websocket().maxAuthAttempts(),
                authenticator,
                neighbours::elsewhere,
                subscriber -> new Dispatcher(subscriber, features)));
    metrics.gauge(Meter.CONNECTIONS, sessions::count);

    HttpApi api =
        new HttpApi(
            config,
            transport.loops(),
            transport::newId,
            authenticator,
            subscriber -> new Dispatcher(subscriber, features),
            tracing);
    metrics.gauge(Meter.HTTP_STREAMS, api::openStreams);

    Readiness readiness = () -> notReady(config.cluster(), grid, warmStart, ingest);
    HttpEndpoint http =
        part(
            "http",
            HttpEndpoint.start(
                vertx,
                config,
                eventLoops,
                new HttpEndpoint.Routes(
                    () -> leaving,
                    path ->
                        (!leaving && warmStart.progress().isEmpty())
                            || neighbours.elsewhere(path).isPresent(),
                    socket -> {
                      String path = socket.path();
                      transport.takeOver(
                          socket,
                          config.websocket().formatAt(path),
                          connection -> sessions.open(connection, path));
                    },
                    router -> {
                      router.route().handler(request -> holdOff(request, warmStart));
                      api.mount(router);
                    },
                    readiness,
                    metrics::scrape,
                    pages.map(StaticFiles::new))));
    // As late as can be: by now whoever balances the load has heard that this node is not ready.
    part("streams", api::endStreams);
    // Stopped before the port: undeploying the endpoint would cut sockets without a word.
    part("sessions", sessions::closeAll);
    port = http.port();
    Integer adminPort = config.admin().port();
    if (adminPort != null) {
      AdminEndpoint admin =
          AdminEndpoint.start(
              vertx,
              config.admin(),
              adminPort,
              () -> stopRequested.complete(null),
              readiness,
              metrics::scrape);
      opened.set(admin);
      LOG.info("operators reach this node on port {}", admin.port());
    }
    // First of all, while all can still be asked how this node is.
    part("leaving", () -> leave(neighbours, rpcs, sessions, config.cluster()));
    neighbours.serving(publicUrl(config.server(), port));
  }

  /** What is written before the records are there would begin them anew. */
  private static void holdOff(RoutingContext request, WarmStart warmStart) {
    Optional<String> warming = warmStart.progress();
    String path = request.request().path();
    if (warming.isPresent() && !path.startsWith("/health") && !path.equals("/metrics")) {
      request.response().setStatusCode(503).end("not ready: " + warming.get());
    } else {
      request.next();
    }
  }

  /**
   * First nobody hands this node calls any more; then its clients are sent to the other nodes, in
   * about half of the time that is there for all. The rest of it is for the records.
   */
  private void leave(Neighbours neighbours, Rpcs rpcs, Sessions sessions, ClusterConfig config) {
    leaving = true;
    neighbours.leaving();
    if (config.enabled()) {
      CountDownLatch withdrawn = new CountDownLatch(1);
      rpcs.withdraw(withdrawn::countDown);
      try {
        if (!withdrawn.await(WITHDRAWAL.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("not all nodes have heard that procedures are no longer provided here");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      LOG.info("leaving: {} clients are sent to the other nodes", sessions.count());
      sessions.sendAway(config.drainTimeout().dividedBy(2), neighbours::hasOthers);
    }
  }

  /** Where clients reach this node, if that can be told: a wildcard is no address. */
  private static Optional<String> publicUrl(ServerConfig config, int port) {
    if (config.publicUrl() != null) {
      return Optional.of(config.publicUrl());
    }
    String host = config.host();
    if (WILDCARDS.contains(host)) {
      return Optional.empty();
    }
    boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
    return Optional.of("ws://" + (bare ? "[" + host + "]" : host) + ":" + port);
  }

  /** Stopped after the grid, which says to others to the last what it has stored. */
  private Links links(
      MillraceConfig config, Vertx vertx, WebSocketTransport transport, Metrics metrics) {
    LinkMeters meters = new LinkMeters(metrics);
    metrics.gauge(Meter.LINK_STREAMS, meters::streams);
    long largest =
        Math.max(
            config.record().maxSize().bytes(),
            Math.max(
                config.websocket().maxMessageSize().bytes(), config.http().maxBodySize().bytes()));
    return part(
        "node links",
        Links.bind(
            vertx,
            transport.loops(),
            config.cluster(),
            NodeId.fresh(config.server().name()),
            LinkLimits.of(largest),
            meters));
  }

  /** Clients are not let in before others can be told of them, or do not answer. */
  private static void meet(Links links, Grid grid) {
    try {
      links
          .follow(grid.membership())
          .toCompletableFuture()
          .get(MEETING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while other nodes were met", e);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("not all members of the cluster could be linked to; going on without them");
    }
  }

  private @Nullable KafkaIngest ingest(
      MillraceConfig config,
      @Nullable JdbcStorage storage,
      Grid grid,
      Records records,
      Metrics metrics,
      Tracing tracing) {
    if (config.kafka().bootstrapServers() == null || config.kafka().sources().isEmpty()) {
      return null;
    }
    ProgressStore progress = storage == null ? new GridProgressStore(grid) : storage;
    KafkaIngest ingest =
        part(
            "kafka ingest",
            new KafkaIngest(
                config.kafka(),
                config.cluster().name(),
                grid.deltas(records::apply),
                progress,
                new IngestMeters(metrics),
                tracing));
    if (storage == null || !config.record().storageExclusionPrefixes().isEmpty()) {
      grid.forgetRemoved(new KeptProgress(config.kafka(), progress));
      metrics.gauge(Meter.RECORDS_REMOVED, grid::removed);
    }
    PayloadFormats formats = ingest.formats();
    metrics.gauge(Meter.REGISTRY_AWAY, () -> formats.registryIsAway() ? 1 : 0);
    metrics.gauge(Meter.REGISTRY_REQUESTS, formats::registryRequests);
    metrics.gauge(Meter.REGISTRY_FAILURES, formats::registryFailures);
    return ingest;
  }

  private static RpcRules rules(RpcConfig config) {
    return new RpcRules(
        config.ackTimeout(),
        config.responseTimeout(),
        config.provideRequestorName(),
        config.provideRequestorData());
  }

  private PermissionGate gate(PermissionConfig config, Records records, Metrics metrics) {
    return switch (config.type()) {
      case OPEN -> new OpenGate();
      case CONFIG -> {
        PermissionCounter counter = permissionMeters(metrics);
        WatchedRules rules = part("permission file", WatchedRules.start(config.file(), counter));
        yield new ConfigGate(
            rules,
            name ->
                records
                    .current(name)
                    .thenApply(
                        state -> state.exists() ? Optional.of(state.data()) : Optional.empty()),
            config.maxRuleIterations(),
            InstantSource.system(),
            counter);
      }
    };
  }

  private Optional<String> notReady(
      ClusterConfig cluster, Grid grid, WarmStart warmStart, @Nullable KafkaIngest ingest) {
    if (leaving) {
      return Optional.of("the node is leaving");
    }
    if (!grid.isRunning()) {
      return Optional.of("the grid has stopped");
    }
    if (grid.membership().isMinority()) {
      return Optional.of(
          "sees %d of at least %d nodes: writes are refused"
              .formatted(grid.membership().nodes().size(), cluster.minSize()));
    }
    Optional<Duration> outage = grid.storageOutage();
    if (outage.isPresent()) {
      return Optional.of("storage cannot be written since " + outage.get().toSeconds() + " s");
    }
    Optional<String> warming = warmStart.progress();
    if (warming.isPresent()) {
      return warming;
    }
    return ingest == null || ingest.assigned()
        ? Optional.empty()
        : Optional.of("the Kafka consumers have no partitions yet");
  }

  private static ReconciliationCounter reconciliationMeters(Metrics metrics) {
    Counter compared = metrics.counter(Meter.RECONCILED);
    Counter repaired = metrics.counter(Meter.REPAIRED);
    return (count, different) -> {
      compared.increment(count);
      repaired.increment(different);
    };
  }

  private static FanoutCounter fanoutMeters(Metrics metrics) {
    Counter deliveries = metrics.counter(Meter.DELIVERIES);
    Counter conflations = metrics.counter(Meter.CONFLATIONS);
    return (delivered, conflated) -> {
      deliveries.increment(delivered);
      conflations.increment(conflated);
    };
  }

  private static EventCounter eventMeters(Metrics metrics) {
    Counter delivered = metrics.counter(Meter.EVENTS_DELIVERED);
    Counter dropped = metrics.counter(Meter.EVENTS_DROPPED);
    return new EventCounter() {
      @Override
      public void delivered(int count) {
        delivered.increment(count);
      }

      @Override
      public void dropped(int count) {
        dropped.increment(count);
      }
    };
  }

  private static PresenceCounter presenceMeters(Metrics metrics) {
    AtomicInteger online = new AtomicInteger();
    metrics.gauge(Meter.USERS_ONLINE, online::get);
    Counter dropped = metrics.counter(Meter.PRESENCE_DROPPED);
    return new PresenceCounter() {
      @Override
      public void online(int change) {
        online.addAndGet(change);
      }

      @Override
      public void dropped() {
        dropped.increment();
      }
    };
  }

  private static PermissionCounter permissionMeters(Metrics metrics) {
    Counter denied = metrics.counter(Meter.PERMISSION_DENIED);
    Counter failed = metrics.counter(Meter.PERMISSION_FAILED);
    Counter reloaded = metrics.counter(Meter.PERMISSION_RELOADS);
    Counter reloadFailed = metrics.counter(Meter.PERMISSION_RELOADS_FAILED);
    return new PermissionCounter() {
      @Override
      public void denied() {
        denied.increment();
      }

      @Override
      public void failed() {
        failed.increment();
      }

      @Override
      public void reloaded() {
        reloaded.increment();
      }

      @Override
      public void reloadFailed() {
        reloadFailed.increment();
      }
    };
  }

  private static StorageObserver storageMeters(Metrics metrics) {
    Counter records = metrics.counter(Meter.STORED_RECORDS);
    Counter groups = metrics.counter(Meter.STORED_GROUPS);
    Counter seconds = metrics.counter(Meter.STORAGE_SECONDS);
    Counter failures = metrics.counter(Meter.STORAGE_FAILURES);
    Counter evictions = metrics.counter(Meter.RECORDS_EVICTED);
    return new StorageObserver() {
      @Override
      public void stored(int count, long nanos) {
        records.increment(count);
        groups.increment();
        seconds.increment(nanos / 1e9);
      }

      @Override
      public void failed() {
        failures.increment();
      }

      @Override
      public void evicted(int count) {
        evictions.increment(count);
      }
    };
  }

  private <T extends AutoCloseable> T part(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  /** Stops the parts in the reverse order of their start. May be called again. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.stop().close();
      } catch (Exception e) {
        LOG.warn("{} did not stop in good order: {}", part.name(), e.toString());
      }
    }
  }
}
