/** Small validated values that messages and state are made of: names, JSON text, paths, patches. */
@NullMarked
package io.millrace.protocol.value;

import org.jspecify.annotations.NullMarked;
