/** What every request to the HTTP API passes first: origin, room, body, login. */
@NullMarked
package io.millrace.server.http.entry;

import org.jspecify.annotations.NullMarked;
