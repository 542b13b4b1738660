/**
 * Bytes to messages and back. Decoding is total: any input yields a message or a typed refusal,
 * never another exception.
 */
@NullMarked
package io.millrace.protocol.codec;

import org.jspecify.annotations.NullMarked;
