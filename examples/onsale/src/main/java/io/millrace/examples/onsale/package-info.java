/**
 * The flagship example: Hosts that put a venue of 20,000 seats on sale, and everyone who watches.
 *
 * <p>{@code Demo} starts it all in one JVM: {@code Backstage} (a Kafka broker and the server),
 * {@code Hosts} (each a thread that sells the seats of its sections and tells Kafka), a {@code
 * Follower} (a subscriber that checks what it is told) and, with a browser, the page of {@code
 * web/}. {@code HostSales} decides what happens and keeps the truth that the follower is compared
 * with; it is pure, so that a test can replay it.
 */
@NullMarked
package io.millrace.examples.onsale;

import org.jspecify.annotations.NullMarked;
