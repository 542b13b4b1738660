package io.millrace.server.permission;

import java.util.Optional;

/** What a rule is asked for, and which variables it may use to answer (protocol §8.1). */
enum RuleType {
  RECORD_CREATE(Section.RECORD, "create", Variables.NEITHER),
  RECORD_READ(Section.RECORD, "read", Variables.OLD_DATA),
  RECORD_WRITE(Section.RECORD, "write", Variables.BOTH),
  RECORD_DELETE(Section.RECORD, "delete", Variables.OLD_DATA),
  RECORD_LISTEN(Section.RECORD, "listen", Variables.NEITHER),
  RECORD_NOTIFY(Section.RECORD, "notify", Variables.NEITHER),
  EVENT_PUBLISH(Section.EVENT, "publish", Variables.DATA),
  EVENT_SUBSCRIBE(Section.EVENT, "subscribe", Variables.DATA),
  EVENT_LISTEN(Section.EVENT, "listen", Variables.NEITHER),
  RPC_PROVIDE(Section.RPC, "provide", Variables.NEITHER),
  RPC_REQUEST(Section.RPC, "request", Variables.DATA),
  PRESENCE_ALLOW(Section.PRESENCE, "allow", Variables.NEITHER);

  private enum Variables {
    NEITHER,
    DATA,
    OLD_DATA,
    BOTH
  }

  private final Section section;
  private final String key;
  private final Variables variables;

  RuleType(Section section, String key, Variables variables) {
    this.section = section;
    this.key = key;
    this.variables = variables;
  }

  Section section() {
    return section;
  }

  /** As the file spells it. */
  String key() {
    return key;
  }

  boolean allowsData() {
    return variables == Variables.DATA || variables == Variables.BOTH;
  }

  boolean allowsOldData() {
    return variables == Variables.OLD_DATA || variables == Variables.BOTH;
  }

  static Optional<RuleType> of(Section section, String key) {
    return section.ruleTypes().stream().filter(type -> type.key.equals(key)).findFirst();
  }
}
