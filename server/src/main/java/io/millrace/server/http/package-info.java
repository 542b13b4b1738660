/** The HTTP side of the port: upgrades, health, metrics, static pages. Vert.x types live here. */
@NullMarked
package io.millrace.server.http;

import org.jspecify.annotations.NullMarked;
