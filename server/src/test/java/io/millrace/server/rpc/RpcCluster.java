package io.millrace.server.rpc;

import io.millrace.server.peer.ManualPeers;
import io.millrace.server.rpc.RpcRig.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The RPC feature on some nodes whose links are in the hand of the test. */
final class RpcCluster {
  final ManualPeers network = new ManualPeers();

  /** The nodes that are there, by name. */
  final Map<String, RpcRig> nodes = new LinkedHashMap<>();

  private final List<RpcRig> dead = new ArrayList<>();
  private final RpcRules rules;

  RpcCluster(RpcRules rules) {
    this.rules = rules;
  }

  RpcCluster() {
    this(new RpcRules(RpcRig.ACK, RpcRig.RESPONSE, false, false));
  }

  /** A node that is not linked to any other yet. */
  RpcRig start(String name, int loops) {
    RpcRig rig = new RpcRig(rules, loops, all -> network.node(name, all));
    nodes.put(name, rig);
    return rig;
  }

  RpcRig node(String name) {
    RpcRig rig = nodes.get(name);
    if (rig == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    return rig;
  }

  /**
   * The node is dead: nobody reaches it again. Its loops run on for the network of the test only,
   * which waits for what they were asked before.
   */
  void crash(String name) {
    network.cutAll(name);
    dead.add(node(name));
    nodes.remove(name);
  }

  /** Links all nodes that are there. */
  void linkAll() {
    List<String> names = List.copyOf(nodes.keySet());
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        network.link(names.get(i), names.get(j));
      }
    }
  }

  /** Lets happen what is to happen without the time going on. */
  void runAll() {
    dead.forEach(rig -> rig.loops.runAll());
    do {
      nodes.values().forEach(rig -> rig.loops.runAll());
      network.deliverAll();
    } while (nodes.values().stream().anyMatch(rig -> !rig.loops.busy().isEmpty())
        || !network.busy().isEmpty());
  }

  /** Lets time pass, and happen what is due, in the order in which it is. */
  void pass(Duration duration) {
    Duration tick = Duration.ofMillis(50);
    runAll();
    for (Duration left = duration; left.isPositive(); left = left.minus(tick)) {
      Duration step = left.compareTo(tick) < 0 ? left : tick;
      nodes.values().forEach(rig -> rig.loops.advance(step));
      runAll();
    }
  }

  /** The connections of all clients on all nodes end. */
  void allLeave() {
    nodes.values().forEach(rig -> List.copyOf(rig.clients).forEach(Client::leaves));
    runAll();
  }

  /** What is kept anywhere although nobody is there. */
  List<String> leftovers() {
    List<String> left = new ArrayList<>();
    nodes.forEach(
        (name, rig) -> {
          if (!rig.isEmpty()) {
            left.add(name + " keeps something");
          }
          if (rig.rpcs.open() != 0 || rig.ended() != rig.started) {
            left.add(name + " has open calls");
          }
          if (rig.loops.timers() != 0) {
            left.add(name + " has timers");
          }
          if (rig.clients.stream().anyMatch(each -> each.subscriber.openRequests() != 0)) {
            left.add(name + " has open requests");
          }
        });
    return left;
  }
}
