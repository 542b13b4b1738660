package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.MillraceConfig;
import io.millrace.testkit.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How members find each other where no addresses are listed. */
@Timeout(300)
final class DiscoveryIT {

  /** Every system knows this name; the member is alone at its only address. */
  @Test
  void aNameIsLookedUp() {
    int port = FreePorts.next();
    MillraceConfig config =
        ConfigLoader.parse(
            """
            storage: { type: none }
            cluster: { enabled: true, port: %d, members: [], discovery: { type: dns, service: localhost } }
            """
                .formatted(port));
    try (Grid grid = Grid.start(config, null, new FakeFollower(change -> {}), new Unobserved())) {
      assertThat(grid.membership().nodes()).containsExactly(grid.node());
    }
  }
}
