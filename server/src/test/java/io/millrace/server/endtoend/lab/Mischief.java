package io.millrace.server.endtoend.lab;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does to a cluster what a schedule says, and undoes it. */
final class Mischief {
  private static final Logger LOG = LoggerFactory.getLogger(Mischief.class);
  private static final long RESET_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(150);

  private final TestCluster cluster;
  private final History history;

  Mischief(TestCluster cluster, History history) {
    this.cluster = cluster;
    this.history = history;
  }

  /** Returns when the fault is over and the cluster is whole again. */
  void carryOut(Schedule.Fault fault) {
    Wires wires = cluster.wires();
    long begun = System.nanoTime();
    LOG.info("begins: {}", fault);
    switch (fault) {
      case Schedule.Kill it -> {
        cluster.kill(it.node());
        wait(fault);
        cluster.start(it.node());
      }
      case Schedule.Pause it -> {
        cluster.pause(it.node());
        wait(fault);
        cluster.resume(it.node());
      }
      case Schedule.Restart it -> {
        int code = cluster.stop(it.node()).orElse(-1);
        if (code != 0) {
          history.fault("a node that was told to stop ended with " + code, "P8");
        }
        wait(fault);
        cluster.start(it.node());
      }
      case Schedule.CutOff it -> {
        for (int node = 0; node < cluster.size(); node++) {
          if (node != it.node()) {
            wires.cut(node, it.node());
          }
        }
        wait(fault);
      }
      case Schedule.Cut it -> {
        wires.cut(it.a(), it.b());
        wait(fault);
      }
      case Schedule.CutOneWay it -> {
        wires.cutOneWay(it.from(), it.to());
        wait(fault);
      }
      case Schedule.Refuse it -> {
        wires.refuse(it.a(), it.b());
        wait(fault);
      }
      case Schedule.Reset it -> {
        long end = begun + it.lasting().toNanos();
        do {
          wires.reset(it.a(), it.b());
          LockSupport.parkNanos(RESET_EVERY_NS);
        } while (System.nanoTime() < end);
      }
    }
    wires.heal();
    long over = System.nanoTime();
    restartTheDead();
    cluster.awaitWhole();
    LOG.info("is over: {}, whole again after {} ms", fault, (System.nanoTime() - over) / 1_000_000);
  }

  /** A node that ends by itself because it was cut off is started again, as by its supervisor. */
  private void restartTheDead() {
    for (int node = 0; node < cluster.size(); node++) {
      if (!cluster.isRunning(node)) {
        LOG.info("node {} has ended by itself", node);
        cluster.start(node);
      }
    }
  }

  private static void wait(Schedule.Fault fault) {
    LockSupport.parkNanos(fault.lasting().toNanos());
  }
}
