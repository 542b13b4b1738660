@NullMarked
package io.millrace.examples.onsale;

import org.jspecify.annotations.NullMarked;
