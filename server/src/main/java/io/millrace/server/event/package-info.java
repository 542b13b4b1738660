/**
 * Publish and subscribe (protocol §4.1). An event is delivered to who is there and not kept. What
 * belongs to a name is confined to the name's home loop, so events of one sender under one name
 * keep their order, on every node: each knows which others have subscribers, and sends an event
 * once to each of those.
 */
@NullMarked
package io.millrace.server.event;

import org.jspecify.annotations.NullMarked;
