/**
 * How fast the server is, end to end: the load program behind {@code bin/millrace bench}. Each
 * scenario checks what it counts (nothing lost, doubled or out of order), because speed with holes
 * is worth nothing. The JMH benchmarks lie in the packages that they measure.
 */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
