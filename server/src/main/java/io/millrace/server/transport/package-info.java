/**
 * The port between features and the network: event loops, connections, messages that are encoded
 * once for many. No vendor types; the adapter is {@code websocket}.
 */
@NullMarked
package io.millrace.server.transport;

import org.jspecify.annotations.NullMarked;
