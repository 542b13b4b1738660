/**
 * The vocabulary of the wire: everything a client may say ({@link
 * io.millrace.protocol.ClientMessage}) and everything a server may say ({@link
 * io.millrace.protocol.ServerMessage}), as sealed families of immutable records.
 *
 * <p>Nothing here knows a socket, a thread or a grid. All types are immutable and safe to share
 * between threads.
 */
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
