package io.millrace.server.permission;

import io.millrace.server.config.ConfigFault;
import java.util.List;
import java.util.stream.Collectors;

/** A permission file that cannot be used at the start. The message has a line for each fault. */
public final class FaultyPermissionsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FaultyPermissionsException(List<ConfigFault> faults) {
    super(faults.stream().map(ConfigFault::toString).collect(Collectors.joining("\n")));
  }
}
