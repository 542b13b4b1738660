/**
 * Remote procedure calls (protocol §5). All calls of a name, and who provides it, live on the
 * name's home loop; sessions send to it and hear from it in order.
 */
@NullMarked
package io.millrace.server.rpc;

import org.jspecify.annotations.NullMarked;
