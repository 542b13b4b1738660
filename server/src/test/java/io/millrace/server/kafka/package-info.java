/** Tests of ingest, with fakes of the ports behind it. */
@NullMarked
package io.millrace.server.kafka;

import org.jspecify.annotations.NullMarked;
