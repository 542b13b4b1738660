/** Tests of ingest, with fakes of the ports behind it. */
@NullMarked
package io.millrace.server.mapping;

import org.jspecify.annotations.NullMarked;
