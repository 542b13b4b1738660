/** Who a client is. Authenticators answer asynchronously and never block an event loop. */
@NullMarked
package io.millrace.server.auth;

import org.jspecify.annotations.NullMarked;
