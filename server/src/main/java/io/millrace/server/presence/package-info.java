/**
 * Who is online (protocol §6): users, not sockets. What belongs to a user id is confined to its
 * home loop, so whoever watches a user hears of coming and going in one order.
 */
@NullMarked
package io.millrace.server.presence;

import org.jspecify.annotations.NullMarked;
