/**
 * Sessions: handshake, login, heartbeat, back-pressure of one connection. Confined to the
 * connection's event loop.
 */
@NullMarked
package io.millrace.server.session;

import org.jspecify.annotations.NullMarked;
