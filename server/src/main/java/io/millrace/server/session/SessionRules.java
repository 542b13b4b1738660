package io.millrace.server.session;

import io.millrace.server.auth.Authenticator;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.subscription.Subscriber;
import java.time.Duration;
import java.util.function.Function;

/**
 * What all sessions of a server have in common.
 *
 * @param heartbeatInterval a client that is silent for more than twice as long is gone
 * @param unauthenticatedClientTimeout how long a socket may stay without a login; zero: for ever
 * @param dispatchers makes what a logged-in session hands its messages to
 */
public record SessionRules(
    Duration heartbeatInterval,
    Duration unauthenticatedClientTimeout,
    int maxAuthAttempts,
    Authenticator authenticator,
    Function<Subscriber, Dispatcher> dispatchers) {}
