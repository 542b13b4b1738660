/**
 * Records: what a write means (pure), the node's view of the records that its clients follow, and
 * the ports that grid and storage implement.
 */
@NullMarked
package io.millrace.server.record;

import org.jspecify.annotations.NullMarked;
