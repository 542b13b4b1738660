/** Who may do what (protocol §8.1). What no rule allows is denied, and an error denies (P7). */
@NullMarked
package io.millrace.server.permission;

import org.jspecify.annotations.NullMarked;
