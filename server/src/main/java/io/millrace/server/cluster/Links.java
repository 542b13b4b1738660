package io.millrace.server.cluster;

import io.millrace.server.config.ClusterConfig;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.Peers;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's links to the other nodes of its cluster. {@linkplain #bind Bound} before the grid
 * starts, which tells the others where; connects when it is told to {@link #follow} the members.
 * Thread-safe.
 */
public final class Links implements Peers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Links.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(2);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final String self;
  private final LinkLoop loop;
  private final OpenFeatures features = new OpenFeatures();
  private final LinkTable table;
  private final NetServer server;
  private final NetClient client;
  private final List<Settling> settling;
  private final LinkAddress address;
  private volatile boolean following;

  private Links(
      LinkLoop loop,
      ClusterConfig config,
      LinkRules rules,
      LinkCounter counter,
      NetServerOptions serverOptions,
      NetClientOptions clientOptions) {
    this.self = rules.self();
    this.loop = loop;
    this.server = loop.vertx().createNetServer(serverOptions);
    this.client = loop.vertx().createNetClient(clientOptions);
    this.table = new LinkTable(rules, loop, features, client, counter);
    this.settling =
        loop.loops().all().stream()
            .map(own -> new Settling(own, () -> table.streams().values()))
            .toList();
    server.connectHandler(table::accept);
    int port = listen(config);
    try {
      this.address = LinkAddress.toBeReachedAt(config.host(), port, config.publicLinkAddress());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the port of the links; nobody is let in before {@link #follow}.
   *
   * @param loops where features do what they are told
   * @param self this node's id
   * @throws IllegalStateException if the port cannot be had, or nobody can tell where it is
   */
  public static Links bind(
      Vertx vertx,
      EventLoops loops,
      ClusterConfig config,
      String self,
      LinkLimits limits,
      LinkCounter counter) {
    LinkTls.warnOfPlainText(config);
    Duration half = config.heartbeatTimeout().dividedBy(2);
    Duration silence = half.compareTo(LEAST_SILENCE) > 0 ? half : LEAST_SILENCE;
    NetServerOptions server =
        new NetServerOptions()
            .setHost(config.host())
            .setPort(config.linkPort())
            .setTcpNoDelay(true);
    NetClientOptions client =
        new NetClientOptions()
            .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
            .setTcpNoDelay(true);
    if (!LinkAddress.isEverywhere(config.host())) {
      client.setLocalAddress(config.host());
    }
    LinkTls.apply(config.tls(), server, client);
    return new Links(
        new LinkLoop(vertx, vertx.getOrCreateContext(), loops),
        config,
        new LinkRules(config.name(), self, silence, limits),
        counter,
        server,
        client);
  }

  private int listen(ClusterConfig config) {
    CompletableFuture<Integer> port = new CompletableFuture<>();
    loop.execute(
        () ->
            server
                .listen()
                .onComplete(open -> port.complete(open.actualPort()), port::completeExceptionally));
    try {
      return port.join();
    } catch (RuntimeException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalStateException(
          "the port of the node links, %s:%d, cannot be opened: %s"
              .formatted(config.host(), config.linkPort(), cause.getMessage()),
          cause);
    }
  }

  /** This node's id. */
  public String self() {
    return self;
  }

  /** Where other nodes reach this one's end, as host:port. */
  public String address() {
    return address.toString();
  }

  @Override
  public <M> PeerChannel<M> open(PeerFeature<M> feature) {
    if (following) {
      throw new IllegalStateException("nodes may have been met before " + feature.topic());
    }
    features.add(feature);
    return new PeerChannel<>() {
      @Override
      public boolean send(String node, M message) {
        OutStream stream = table.streams().get(node);
        return stream != null && stream.send(feature, message);
      }

      @Override
      public Set<String> nodes() {
        return table.streams().keySet();
      }
    };
  }

  @Override
  public void settle(EventLoop own, Runnable done) {
    settling.get(own.index()).settle(done);
  }

  /**
   * Connects to the members from now on, and lets them in. To be called once, when all features
   * have opened their channels.
   *
   * @return completes when there are streams to and from all who are members now
   */
  public CompletionStage<Void> follow(Membership membership) {
    following = true;
    CompletableFuture<Void> linked = new CompletableFuture<>();
    membership.onChange(() -> loop.execute(() -> table.update(membership)));
    loop.execute(() -> table.begin(membership, linked));
    return linked;
  }

  /** Ends all streams and closes the port. */
  @Override
  public void close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    loop.execute(
        () -> {
          table.close();
          var unused =
              client.close().eventually(server::close).onComplete(done -> closed.complete(null));
        });
    try {
      closed.get(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("the node links did not close in time");
    }
  }
}
