package io.millrace.server.session;

import io.millrace.server.auth.Authenticator;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.subscription.Subscriber;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * What all sessions of a server have in common.
 *
 * @param heartbeatInterval a client that is silent for more than twice as long is gone
 * @param unauthenticatedClientTimeout how long a socket may stay without a login; zero: for ever
 * @param elsewhere where clients that come to the endpoint of a path are to go instead of here
 * @param dispatchers makes what a logged-in session hands its messages to
 */
public record SessionRules(
    Duration heartbeatInterval,
    Duration unauthenticatedClientTimeout,
    int maxAuthAttempts,
    Authenticator authenticator,
    Function<String, Optional<String>> elsewhere,
    Function<Subscriber, Dispatcher> dispatchers) {}
