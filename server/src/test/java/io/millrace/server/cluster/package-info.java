@NullMarked
package io.millrace.server.cluster;

import org.jspecify.annotations.NullMarked;
