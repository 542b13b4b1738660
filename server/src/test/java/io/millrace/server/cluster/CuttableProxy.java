package io.millrace.server.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a port that a test can cut and stop. */
final class CuttableProxy implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();

  /** Kept: Vert.x closes the sockets of a client that nobody refers to. */
  private final NetClient client = vertx.createNetClient();

  private final NetServer server;
  private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  CuttableProxy(String target) {
    LinkAddress to = LinkAddress.parse(target);
    server =
        vertx
            .createNetServer()
            .connectHandler(
                in -> {
                  in.pause();
                  client
                      .connect(to.port(), to.host())
                      .onComplete(out -> pipe(in, out), failure -> in.close());
                });
    var unused = server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
  }

  String address() {
    return "127.0.0.1:" + server.actualPort();
  }

  private void pipe(NetSocket in, NetSocket out) {
    sockets.add(in);
    sockets.add(out);
    one(in, out);
    one(out, in);
    if (!stopped) {
      in.resume();
    } else {
      out.pause();
    }
  }

  private void one(NetSocket from, NetSocket to) {
    from.handler(
        chunk -> {
          var unused = to.write(chunk);
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(
                drained -> {
                  if (!stopped) {
                    from.resume();
                  }
                });
          }
        });
    from.closeHandler(
        closed -> {
          sockets.remove(from);
          if (!stopped) {
            var unused = to.close();
          }
        });
  }

  /** Cuts all that goes through now; new connections come through. */
  void cut() {
    sockets.forEach(NetSocket::close);
  }

  /** Nothing goes through any more, and nobody is told. */
  void stop() {
    stopped = true;
    sockets.forEach(NetSocket::pause);
  }

  /** What is new goes through again; what was stopped is cut. */
  void mend() {
    stopped = false;
    cut();
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
