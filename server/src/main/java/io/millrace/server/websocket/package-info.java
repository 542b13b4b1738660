/**
 * The WebSocket adapter of {@code transport}: our own handler at the end of Vert.x's pipeline. The
 * only home of Netty types beside {@code http}. Everything here is confined to the connection's
 * event loop.
 */
@NullMarked
package io.millrace.server.websocket;

import org.jspecify.annotations.NullMarked;
