/**
 * The HTTP API for people without a client: records, events, procedures and presence as resources,
 * with problem details for errors (RFC 9457).
 */
@NullMarked
package io.millrace.server.http.rest;

import org.jspecify.annotations.NullMarked;
