package io.millrace.server;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has every {@code await()} wait a minute for what has to come. Ten seconds, which is Awaitility's
 * own default, are too few where a machine stalls or is shared; whoever does not fail loses
 * nothing. JUnit finds it by its name in {@code META-INF/services}.
 */
public final class Patience implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
  }
}
