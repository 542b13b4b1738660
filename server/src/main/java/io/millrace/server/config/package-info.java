/**
 * The configuration: one immutable record per feature, validated once, at the start. Defaults live
 * in {@code conf/millrace.yml}, which is also the documentation of every key.
 */
@NullMarked
package io.millrace.server.config;

import org.jspecify.annotations.NullMarked;
