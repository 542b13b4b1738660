package io.millrace.server;

import io.micrometer.core.instrument.Counter;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;
import io.millrace.server.rpc.CallEnd;
import io.millrace.server.rpc.RpcCounter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Counts remote procedure calls, by how they ended. */
final class RpcMeters implements RpcCounter {
  private final Counter started;
  private final Counter remote;
  private final Counter rerouted;
  private final Map<CallEnd, Counter> ended = new EnumMap<>(CallEnd.class);
  private final Map<CallEnd, Counter> seconds = new EnumMap<>(CallEnd.class);

  RpcMeters(Metrics metrics) {
    this.started = metrics.counter(Meter.RPC_CALLS);
    this.remote = metrics.counter(Meter.RPC_REMOTE);
    this.rerouted = metrics.counter(Meter.RPC_REROUTED);
    for (CallEnd end : CallEnd.values()) {
      String how = end.name().toLowerCase(Locale.ROOT);
      ended.put(end, metrics.counter(Meter.RPC_ENDED, "how", how));
      seconds.put(end, metrics.counter(Meter.RPC_SECONDS, "how", how));
    }
  }

  @Override
  public void started() {
    started.increment();
  }

  @Override
  public void remote() {
    remote.increment();
  }

  @Override
  public void rerouted() {
    rerouted.increment();
  }

  @Override
  public void ended(CallEnd end, long nanos) {
    Objects.requireNonNull(ended.get(end)).increment();
    Objects.requireNonNull(seconds.get(end)).increment(nanos / 1e9);
  }
}
