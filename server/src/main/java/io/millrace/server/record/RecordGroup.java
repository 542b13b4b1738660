package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscribers of one record on one event loop, confined to that loop.
 *
 * <p>Fan-out ends here: a frame is written to each subscriber that can take it. Who can't is marked
 * stale instead, so that a slow reader costs one mark and not a queue (P6), and gets the newest
 * state when it reads again.
 */
final class RecordGroup {
  private final RecordName name;
  private final FanoutCounter counter;
  private final List<RecordSubscription> subscriptions = new ArrayList<>(1);
  private long incarnation;
  private int version = RecordSnapshot.MISSING;
  private boolean provided;

  RecordGroup(RecordName name, FanoutCounter counter, boolean provided) {
    this.name = name;
    this.counter = counter;
    this.provided = provided;
  }

  /** Whether somebody provides the record. */
  boolean isProvided() {
    return provided;
  }

  /** What a subscriber is told of that. */
  RecordPush.ProviderState providerState() {
    return new RecordPush.ProviderState(
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER,
        name);
  }

  /** Somebody has begun or ceased to provide the record. */
  void provided(SharedMessage message, boolean now) {
    provided = now;
    subscriptions.forEach(subscription -> subscription.providerChanged(message, now));
  }

  /** The version that has been sent to those who could take it. */
  int version() {
    return version;
  }

  /** The life of the record that {@link #version} belongs to. */
  long incarnation() {
    return incarnation;
  }

  void add(RecordSubscription subscription, long currentIncarnation, int currentVersion) {
    incarnation = currentIncarnation;
    version = currentVersion;
    subscriptions.add(subscription);
  }

  void remove(RecordSubscription subscription) {
    int index = subscriptions.indexOf(subscription);
    if (index >= 0) {
      int last = subscriptions.size() - 1;
      subscriptions.set(index, subscriptions.get(last));
      subscriptions.remove(last);
    }
  }

  /**
   * Sends a change.
   *
   * @param except the connection that wrote it, 0 for none
   * @param span is told how many it was sent to, unless it is null
   */
  void deliver(
      SharedMessage message,
      long newIncarnation,
      int newVersion,
      long except,
      @Nullable DeliverySpan span) {
    incarnation = newIncarnation;
    version = newVersion;
    int delivered = 0;
    int conflated = 0;
    for (int i = 0; i < subscriptions.size(); i++) {
      RecordSubscription subscription = subscriptions.get(i);
      if (subscription.subscriber().id() == except) {
        continue;
      }
      if (subscription.offer(message)) {
        delivered++;
      } else {
        conflated++;
      }
    }
    counter.add(delivered, conflated);
    if (span != null) {
      span.handed(delivered, conflated);
    }
  }

  /** Tells everybody but the one who did it that the record is gone, and ends all subscriptions. */
  void deleted(SharedMessage message, long except, @Nullable DeliverySpan span) {
    version = RecordSnapshot.MISSING;
    List<RecordSubscription> all = List.copyOf(subscriptions);
    subscriptions.clear();
    int delivered = 0;
    for (RecordSubscription subscription : all) {
      if (subscription.subscriber().id() != except) {
        subscription.subscriber().send(message);
        delivered++;
      }
      subscription.dropped();
    }
    if (span != null) {
      span.handed(delivered, 0);
    }
  }

  @Override
  public String toString() {
    return name + ": " + subscriptions.size() + " subscribers";
  }
}
