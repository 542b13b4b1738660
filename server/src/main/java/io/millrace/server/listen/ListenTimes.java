package io.millrace.server.listen;

import java.time.Duration;

/**
 * @param responseTimeout how long a listener may take to answer
 * @param rematchInterval how often names without a provider are offered to all again
 * @param matchCooldown how long a name that was refused is left alone by that
 */
record ListenTimes(Duration responseTimeout, Duration rematchInterval, Duration matchCooldown) {}
