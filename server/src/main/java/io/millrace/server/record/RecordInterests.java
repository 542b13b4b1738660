package io.millrace.server.record;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How many subscriptions each record has, also such whose record is still being read. Confined to
 * the records' home loop.
 */
final class RecordInterests {
  private final InterestObserver observer;
  private final BiConsumer<RecordName, Boolean> providerChanged;
  private final Map<RecordName, RecordInterest> byName = new HashMap<>();

  private final class RecordInterest implements Interest {
    private final RecordName name;
    private int subscriptions;
    private boolean provided;

    RecordInterest(RecordName name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name.value();
    }

    @Override
    public void provided(boolean hasProvider) {
      provided = hasProvider;
      providerChanged.accept(name, hasProvider);
    }
  }

  /**
   * @param providerChanged is told whether a record has a provider, whenever that changes
   */
  RecordInterests(InterestObserver observer, BiConsumer<RecordName, Boolean> providerChanged) {
    this.observer = observer;
    this.providerChanged = providerChanged;
  }

  boolean isProvided(RecordName name) {
    RecordInterest interest = byName.get(name);
    return interest != null && interest.provided;
  }

  /** Counts the subscription, unless it is counted already. */
  void begin(RecordSubscription subscription) {
    if (subscription.counted) {
      return;
    }
    subscription.counted = true;
    RecordName name = subscription.name();
    RecordInterest interest = byName.get(name);
    if (interest == null) {
      interest = new RecordInterest(name);
      byName.put(name, interest);
    }
    interest.subscriptions++;
    if (interest.subscriptions == 1) {
      observer.first(interest);
    }
  }

  /** Counts it no longer, if it was counted. */
  void end(RecordSubscription subscription) {
    if (subscription.counted) {
      subscription.counted = false;
      endAll(subscription.name(), 1);
    }
  }

  /** So many subscriptions are over, and will not be ended one by one. */
  void endAll(RecordName name, int count) {
    RecordInterest interest = byName.get(name);
    if (interest == null || count == 0) {
      return;
    }
    interest.subscriptions -= count;
    if (interest.subscriptions > 0) {
      return;
    }
    byName.remove(name);
    if (interest.provided) {
      // Nobody is left to hear it, but who comes next must not be told what is no longer true.
      interest.provided(false);
    }
    observer.last(name.value());
  }
}
