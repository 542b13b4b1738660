/** Frames without sockets; what is on the wire is tested end to end. */
@NullMarked
package io.millrace.server.websocket;

import org.jspecify.annotations.NullMarked;
