/**
 * Who is online (protocol §6): users, not sockets. What belongs to a user id is confined to its
 * home loop, so whoever watches a user hears of coming and going in one order. A user is online as
 * long as any node has a socket of it.
 */
@NullMarked
package io.millrace.server.presence;

import org.jspecify.annotations.NullMarked;
