/**
 * Active listening (protocol §4.2): who says that it can provide the names that match a pattern is
 * asked when somebody subscribes to one, and at most one provides it. What belongs to a name is
 * confined to the name's home loop; patterns are known on all of them.
 *
 * <p>Patterns are JavaScript regular expressions as far as they can be matched in linear time.
 */
@NullMarked
package io.millrace.server.listen;

import org.jspecify.annotations.NullMarked;
