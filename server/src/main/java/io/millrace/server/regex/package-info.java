/**
 * JavaScript's regular expressions in time linear to the text: read here, matched by RE2/J, whose
 * only home this is. Used for patterns of listeners (protocol §4.2) and in permission rules (§8.1).
 * Everything in it is immutable, from any thread.
 */
@NullMarked
package io.millrace.server.regex;

import org.jspecify.annotations.NullMarked;
