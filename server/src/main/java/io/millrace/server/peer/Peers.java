package io.millrace.server.peer;

import io.millrace.server.transport.EventLoop;
import java.util.Set;

/** The other nodes of the cluster, as features see them. Thread-safe. */
public interface Peers {

  /** For a node that is alone. */
  Peers NONE =
      new Peers() {
        @Override
        public <M> PeerChannel<M> open(PeerFeature<M> feature) {
          return new PeerChannel<>() {
            @Override
            public boolean send(String node, M message) {
              return false;
            }

            @Override
            public Set<String> nodes() {
              return Set.of();
            }
          };
        }

        @Override
        public void settle(EventLoop own, Runnable done) {
          done.run();
        }
      };

  /** Takes the feature on; to be called once for each, before the first node is met. */
  <M> PeerChannel<M> open(PeerFeature<M> feature);

  /**
   * Calls back on the own loop, to be called on it, when all that this loop has sent before has
   * been taken note of by the nodes that it was sent to: their loops have done what was queued to
   * them. Nodes that cannot be reached, or do not answer within two seconds, are not waited for. At
   * once when there are no other nodes.
   */
  void settle(EventLoop own, Runnable done);
}
