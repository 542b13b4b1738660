package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.RecordName;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.Undefined;

/** The variables of one run of a rule, made when the rule asks for them. */
final class RuleScope extends ReadOnlyObject {
  private final RuleCheck check;
  private final RuleRegexes regexes;
  private final RuleRun run;
  private final Scriptable world;
  private @Nullable UserView user;

  RuleScope(RuleCheck check, RuleRegexes regexes, RuleRun run, Scriptable world) {
    this.check = check;
    this.regexes = regexes;
    this.run = run;
    this.world = world;
  }

  @Override
  public Scriptable getParentScope() {
    return world;
  }

  @Override
  public @Nullable Object get(String variable, Scriptable start) {
    RuleFacts facts = check.facts();
    return switch (variable) {
      case "user" -> user();
      case "data" -> data(facts.data());
      case "oldData" -> oldData(facts.record());
      case "now" -> (double) facts.nowMillis();
      case "action" -> facts.action();
      case "name" -> facts.name() == null ? Undefined.instance : facts.name();
      case "_" -> new Reference();
      case "undefined" -> Undefined.instance;
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      default -> other(variable, facts);
    };
  }

  private Object other(String variable, RuleFacts facts) {
    if (RuleRegexes.isName(variable)) {
      return new Methods.RegexValue(regexes.named(variable));
    }
    String value = facts.variables().get(variable);
    return value == null ? NOT_FOUND : value;
  }

  private UserView user() {
    UserView known = user;
    if (known == null) {
      known = new UserView();
      user = known;
    }
    return known;
  }

  private @Nullable Object data(RuleData data) {
    return switch (data) {
      case RuleData.Absent() -> Undefined.instance;
      case RuleData.Unreadable() -> throw new RuleAbort("the request's data is not readable");
      case RuleData.Given(var value) -> run.views().of(value);
      case RuleData.Patched patched -> loaded(check.patched(patched));
    };
  }

  private @Nullable Object oldData(@Nullable RecordName record) {
    return record == null ? Undefined.instance : loaded(check.record(record));
  }

  private @Nullable Object loaded(@Nullable JsonNode value) {
    return value == null ? NotLoaded.INSTANCE : run.views().of(value);
  }

  private final class UserView extends ReadOnlyObject {
    @Override
    public @Nullable Object get(String member, Scriptable start) {
      Asker asker = check.facts().asker();
      return switch (member) {
        case "isAuthenticated" -> asker.isAuthenticated();
        case "id" -> asker.id();
        case "data" -> run.views().of(asker.serverData());
        default -> NOT_FOUND;
      };
    }
  }

  /** {@code _(name)}: another record. */
  private final class Reference extends ReadOnlyObject implements Callable {
    @Override
    public Object get(String member, Scriptable start) {
      return NOT_FOUND;
    }

    @Override
    public @Nullable Object call(
        Context cx, Scriptable scope, Scriptable thisObj, @Nullable Object[] args) {
      Object given = args.length == 0 ? Undefined.instance : args[0];
      if (given == Undefined.instance || given == NotLoaded.INSTANCE) {
        return Undefined.instance;
      }
      if (!(given instanceof CharSequence text)) {
        throw new RuleAbort("_() wants the name of a record as text");
      }
      String name = ScriptRuntime.toString(text);
      if (name.contains("undefined")) {
        // Put together from what is not there, or not yet.
        return Undefined.instance;
      }
      // What cannot name a record is a record that does not exist.
      return RecordName.isValid(name) ? loaded(check.record(new RecordName(name))) : null;
    }
  }
}
