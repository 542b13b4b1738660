/** How a node leaves the others: in order, and without a loss (P8). */
@NullMarked
package io.millrace.server.lifecycle;

import org.jspecify.annotations.NullMarked;
