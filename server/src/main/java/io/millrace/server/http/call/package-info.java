/**
 * A request over HTTP, carried out in the way that sessions go, so that validation, permissions and
 * meaning are the same. Confined to the event loop that serves the request. No Vert.x types.
 */
@NullMarked
package io.millrace.server.http.call;

import org.jspecify.annotations.NullMarked;
