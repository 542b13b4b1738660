/**
 * The way of a change as OpenTelemetry spans: {@link io.millrace.server.tracing.Tracing} is what
 * others see of it, {@link io.millrace.server.tracing.TraceContext} what travels with a change. The
 * only home of OpenTelemetry's types. A leaf: knows no feature. Thread-safe.
 */
@NullMarked
package io.millrace.server.tracing;

import org.jspecify.annotations.NullMarked;
