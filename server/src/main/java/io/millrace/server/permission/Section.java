package io.millrace.server.permission;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The four parts of a permission file, one for each feature (protocol §8.1). */
enum Section {
  RECORD,
  EVENT,
  RPC,
  PRESENCE;

  /** As the file spells it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Section> of(String key) {
    return Arrays.stream(values()).filter(each -> each.key().equals(key)).findFirst();
  }

  /** What a rule of this section can be about. */
  List<RuleType> ruleTypes() {
    return Arrays.stream(RuleType.values()).filter(type -> type.section() == this).toList();
  }
}
