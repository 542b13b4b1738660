/** What requests of this server to others over HTTP share: login services, schema registries. */
@NullMarked
package io.millrace.server.outbound;

import org.jspecify.annotations.NullMarked;
