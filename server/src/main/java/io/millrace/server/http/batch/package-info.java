/** The batch face of the HTTP API: what is asked, and how results are told (protocol §7). */
@NullMarked
package io.millrace.server.http.batch;

import org.jspecify.annotations.NullMarked;
