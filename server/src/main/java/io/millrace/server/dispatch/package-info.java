/** From a message to the feature that serves it. Confined to the session's event loop. */
@NullMarked
package io.millrace.server.dispatch;

import org.jspecify.annotations.NullMarked;
