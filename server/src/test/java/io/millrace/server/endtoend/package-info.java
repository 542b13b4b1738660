/**
 * The whole server against what goes wrong: kills, stalled readers, garbage, races. Tests here talk
 * to it through sockets and brokers only, as clients and Hosts do; {@link
 * io.millrace.server.endtoend.TestServer} starts one.
 */
@NullMarked
package io.millrace.server.endtoend;

import org.jspecify.annotations.NullMarked;
