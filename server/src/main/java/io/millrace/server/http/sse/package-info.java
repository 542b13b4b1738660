/**
 * Records as Server-Sent Events: for those who only want to look, with nothing but a browser or
 * curl. Each stream is confined to the event loop of its connection.
 */
@NullMarked
package io.millrace.server.http.sse;

import org.jspecify.annotations.NullMarked;
