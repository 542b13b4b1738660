/** The catalogue of metrics. A leaf: knows no feature, is fed through their ports. */
@NullMarked
package io.millrace.server.observability;

import org.jspecify.annotations.NullMarked;
