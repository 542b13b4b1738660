package io.millrace.server.http.call;

import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.subscription.Subscriber;

/** Makes the way from a caller to the features. Called on the caller's loop. */
@FunctionalInterface
public interface Dispatchers {
  Dispatcher forSubscriber(Subscriber subscriber);
}
