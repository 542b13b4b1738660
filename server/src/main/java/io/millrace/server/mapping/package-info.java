/**
 * What messages of a log mean: templates, envelopes and filters that make changes of records of
 * them. Pure and total: whatever is wrong with a message comes back as a reason. Knows no broker.
 */
@NullMarked
package io.millrace.server.mapping;

import org.jspecify.annotations.NullMarked;
