/** Who is interested in what: all that a feature sees of a session. */
@NullMarked
package io.millrace.server.subscription;

import org.jspecify.annotations.NullMarked;
