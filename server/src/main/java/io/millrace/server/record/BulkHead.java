package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.server.subscription.Subscriber;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Subscribes many names and answers once: SUBSCRIBEANDHEAD with all versions, SUBSCRIBE with its
 * ack (protocol §3.2). Confined to the session's loop.
 */
final class BulkHead {
  private final RecordRequest.Bulk request;
  private final Subscriber subscriber;
  private final RecordSubscriptions subscriptions;
  private final List<RecordSubscription> started = new ArrayList<>();
  private int open = 1;

  BulkHead(RecordRequest.Bulk request, Subscriber subscriber, RecordSubscriptions subscriptions) {
    this.request = request;
    this.subscriber = subscriber;
    this.subscriptions = subscriptions;
  }

  void start() {
    subscriber.requestStarted();
    startFrom(0);
  }

  private void startFrom(int from) {
    for (int i = from; i < request.names().size(); i++) {
      if (subscriber.isBusy()) {
        int next = i;
        subscriber.whenFree(() -> startFrom(next));
        return;
      }
      startOne(i);
    }
    ended();
  }

  private void startOne(int index) {
    open++;
    subscriber.requestStarted();
    RecordSubscription subscription =
        subscriptions.subscription(request.names().get(index), request.action());
    subscriptions.start(
        subscription,
        false,
        new RecordShard.Start() {
          @Override
          public void live(FollowedRecord copy, RecordGroup group) {
            long incarnation = copy.incarnation();
            int version = copy.version();
            subscriber
                .loop()
                .run(
                    () -> {
                      if (subscription.attach(group, incarnation, version)) {
                        started.add(subscription);
                      }
                      endedOne();
                    });
          }

          @Override
          public void failed(Throwable cause) {
            // Left out of the answer: -1 would make the client drop what it has.
            subscriber
                .loop()
                .run(
                    () -> {
                      subscriptions.subscriptionFailed(subscription, request.action());
                      endedOne();
                    });
          }

          @Override
          public void abandoned() {
            subscriber.loop().run(BulkHead.this::endedOne);
          }
        });
  }

  private void endedOne() {
    subscriber.requestEnded();
    ended();
  }

  private void ended() {
    open--;
    if (open > 0) {
      return;
    }
    if (request.action() == RecordAction.SUBSCRIBEANDHEAD) {
      // Versions as of now: changes that arrived since have been sent already.
      Map<String, Integer> versions = new HashMap<>();
      started.forEach(each -> versions.put(each.name().value(), each.version()));
      subscriber.send(new RecordPush.HeadResponseBulk(versions));
    }
    subscriber.send(new RecordPush.Ack(request.action(), null, List.of(), request.correlationId()));
    subscriber.requestEnded();
  }
}
