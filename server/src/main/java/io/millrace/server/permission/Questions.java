package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.Action;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which rules a request has to be allowed by: the table of protocol §8.1. One for each request.
 *
 * <p>The action that a rule is told is that of the step: CREATE and READ for the two steps of
 * SUBSCRIBECREATEANDREAD, CREATE and UPDATE or PATCH for those of CREATEANDUPDATE and
 * CREATEANDPATCH. Refusals name what the client has sent.
 */
final class Questions {
  private static final Inquiry NO_RULE = new NoRule();

  private final PermissionRules rules;
  private final Asker asker;
  private final int maxRuns;
  private final long nowMillis;

  Questions(PermissionRules rules, User user, int maxRuns, long nowMillis) {
    this.rules = rules;
    this.asker = new Asker(user);
    this.maxRuns = maxRuns;
    this.nowMillis = nowMillis;
  }

  /** What has to be asked; null for what everybody may do. */
  @Nullable Asked of(ClientMessage message) {
    return switch (message) {
      case RecordRequest request -> record(request);
      case EventRequest request -> event(request);
      case RpcRequest request -> rpc(request);
      case PresenceRequest request -> presence(request);
      case ConnectionRequest request -> null;
      case AuthRequest request -> null;
    };
  }

  /** Whether the user may know if the other one is online. */
  Inquiry mayKnow(String other) {
    return ask(RuleType.PRESENCE_ALLOW, PresenceAction.QUERY_ALL, other);
  }

  private @Nullable Asked record(RecordRequest request) {
    return switch (request) {
      case RecordRequest.Bulk bulk -> bulk(bulk);
      case RecordRequest.Notify notify ->
          Asked.many(
              notify.names(),
              RecordName::value,
              name -> ask(RuleType.RECORD_NOTIFY, RecordAction.NOTIFY, name, noData()),
              names -> new RecordRequest.Notify(names, notify.correlationId()));
      case RecordRequest.Read read -> one(read.name(), RuleType.RECORD_READ, read.action());
      case RecordRequest.Head head -> one(head.name(), RuleType.RECORD_READ, head.action());
      case RecordRequest.Delete delete ->
          one(delete.name(), RuleType.RECORD_DELETE, delete.action());
      case RecordRequest.Write write -> Asked.one(write.name().value(), write(write));
      case RecordRequest.Listen listen when listen.action() == RecordAction.LISTEN ->
          Asked.one(
              listen.pattern(), ask(RuleType.RECORD_LISTEN, RecordAction.LISTEN, listen.pattern()));
      case RecordRequest.Listen unlisten -> null;
      case RecordRequest.ListenAnswer answer -> null;
      case RecordRequest.Unexpected unexpected -> null;
    };
  }

  private @Nullable Asked bulk(RecordRequest.Bulk bulk) {
    if (bulk.action() == RecordAction.UNSUBSCRIBE) {
      return null;
    }
    Function<RecordName, Inquiry> inquiry =
        bulk.action() == RecordAction.SUBSCRIBECREATEANDREAD
            ? this::createAndRead
            : name -> ask(RuleType.RECORD_READ, bulk.action(), name, noData());
    return Asked.many(
        bulk.names(),
        RecordName::value,
        inquiry,
        names -> new RecordRequest.Bulk(bulk.action(), names, bulk.correlationId()));
  }

  private Inquiry createAndRead(RecordName name) {
    return new Inquiry.CreateAndRead(
        name,
        () -> ask(RuleType.RECORD_CREATE, RecordAction.CREATE, name, noData()),
        () -> ask(RuleType.RECORD_READ, RecordAction.READ, name, noData()),
        JsonNodeFactory.instance.objectNode());
  }

  private Asked one(RecordName name, RuleType type, RecordAction action) {
    return Asked.one(name.value(), ask(type, action, name, noData()));
  }

  private Inquiry write(RecordRequest.Write write) {
    RecordName name = write.name();
    return switch (write.action()) {
      case ERASE -> ask(RuleType.RECORD_DELETE, RecordAction.ERASE, name, noData());
      case CREATEANDUPDATE ->
          Inquiry.allOf(
              ask(RuleType.RECORD_CREATE, RecordAction.CREATE, name, noData()),
              ask(RuleType.RECORD_WRITE, RecordAction.UPDATE, name, () -> data(write)));
      case CREATEANDPATCH ->
          Inquiry.allOf(
              ask(RuleType.RECORD_CREATE, RecordAction.CREATE, name, noData()),
              ask(RuleType.RECORD_WRITE, RecordAction.PATCH, name, () -> data(write)));
      default -> ask(RuleType.RECORD_WRITE, write.action(), name, () -> data(write));
    };
  }

  private @Nullable Asked event(EventRequest request) {
    return switch (request) {
      case EventRequest.Bulk bulk when bulk.action() == EventAction.SUBSCRIBE ->
          Asked.many(
              bulk.names(),
              name -> name,
              name -> ask(RuleType.EVENT_SUBSCRIBE, EventAction.SUBSCRIBE, name),
              names -> new EventRequest.Bulk(bulk.action(), names, bulk.correlationId()));
      case EventRequest.Bulk bulk -> null;
      case EventRequest.Emit emit ->
          Asked.one(
              emit.name(),
              ask(RuleType.EVENT_PUBLISH, emit.action(), emit.name(), () -> given(emit.data())));
      case EventRequest.Listen listen when listen.action() == EventAction.LISTEN ->
          Asked.one(
              listen.pattern(), ask(RuleType.EVENT_LISTEN, EventAction.LISTEN, listen.pattern()));
      case EventRequest.Listen unlisten -> null;
      case EventRequest.ListenAnswer answer -> null;
      case EventRequest.Unexpected unexpected -> null;
    };
  }

  private @Nullable Asked rpc(RpcRequest request) {
    return switch (request) {
      case RpcRequest.Bulk bulk when bulk.action() == RpcAction.PROVIDE ->
          Asked.many(
              bulk.names(),
              name -> name,
              name -> ask(RuleType.RPC_PROVIDE, RpcAction.PROVIDE, name),
              names -> new RpcRequest.Bulk(bulk.action(), names, bulk.correlationId()));
      case RpcRequest.Bulk bulk -> null;
      case RpcRequest.Call call ->
          Asked.one(
              call.name(),
              ask(RuleType.RPC_REQUEST, call.action(), call.name(), () -> given(call.data())));
      case RpcRequest.Answer answer -> null;
      case RpcRequest.Unexpected unexpected -> null;
    };
  }

  private @Nullable Asked presence(PresenceRequest request) {
    return switch (request) {
      case PresenceRequest.Named named when named.action() == PresenceAction.UNSUBSCRIBE -> null;
      case PresenceRequest.Named named ->
          Asked.many(
              named.names(),
              name -> name,
              name -> ask(RuleType.PRESENCE_ALLOW, named.action(), name),
              names -> new PresenceRequest.Named(named.action(), names, named.correlationId()));
      case PresenceRequest.Everybody all when all.action() == PresenceAction.UNSUBSCRIBE_ALL ->
          null;
      case PresenceRequest.Everybody all ->
          Asked.one(null, ask(RuleType.PRESENCE_ALLOW, all.action(), null));
      case PresenceRequest.Unexpected unexpected -> null;
    };
  }

  // --- one rule

  private Inquiry ask(RuleType type, Action action, @Nullable String name) {
    return ask(type, action, name, noData());
  }

  private Inquiry ask(
      RuleType type, Action action, @Nullable String name, Supplier<RuleData> data) {
    return ask(type, action, name, null, data);
  }

  private Inquiry ask(RuleType type, Action action, RecordName name, Supplier<RuleData> data) {
    return ask(type, action, name.value(), name, data);
  }

  private Inquiry ask(
      RuleType type,
      Action action,
      @Nullable String name,
      @Nullable RecordName record,
      Supplier<RuleData> data) {
    PermissionRules.Found found = rules.find(type, name).orElse(null);
    if (found == null) {
      return NO_RULE;
    }
    Rule rule = found.rule();
    var facts =
        new RuleFacts(
            asker,
            action.number(),
            name,
            found.variables(),
            record,
            rule.uses().data() ? data.get() : RuleData.Absent.INSTANCE,
            nowMillis);
    return new RuleCheck(rules.engine(), rule, facts, maxRuns);
  }

  /** What no rule allows is denied. */
  private static final class NoRule implements Inquiry {
    @Override
    public RuleOutcome run() {
      return new RuleOutcome.Denied();
    }

    @Override
    public void loaded(RecordName name, Optional<JsonNode> data) {}
  }

  // --- the variable data

  private static Supplier<RuleData> noData() {
    return () -> RuleData.Absent.INSTANCE;
  }

  private static RuleData given(@Nullable JsonText text) {
    if (text == null) {
      return RuleData.Absent.INSTANCE;
    }
    return Json.parse(text).<RuleData>map(RuleData.Given::new).orElse(RuleData.Unreadable.INSTANCE);
  }

  private static RuleData data(RecordRequest.Write write) {
    return switch (write) {
      case RecordRequest.Update update ->
          update.data() == null ? RuleData.Unreadable.INSTANCE : given(update.data());
      case RecordRequest.Patch patch ->
          patched(List.of(change(patch.path(), patch.data())), patch.action());
      case RecordRequest.PatchMulti multi -> patched(changes(multi.data()), multi.action());
    };
  }

  /**
   * Of CREATEANDPATCH, too, data is the record after the patch, where the reference shows the rule
   * the patch's value alone (protocol §3.3).
   */
  private static RuleData patched(List<Optional<RuleData.Change>> changes, RecordAction action) {
    if (changes.isEmpty() || changes.stream().anyMatch(Optional::isEmpty)) {
      return RuleData.Unreadable.INSTANCE;
    }
    return new RuleData.Patched(
        changes.stream().flatMap(Optional::stream).toList(), action == RecordAction.CREATEANDPATCH);
  }

  private static List<Optional<RuleData.Change>> changes(@Nullable JsonText text) {
    List<Optional<RuleData.Change>> changes = new ArrayList<>();
    if (text != null && Json.parse(text).orElse(null) instanceof ArrayNode array) {
      for (JsonNode each : array) {
        JsonNode path = each.get("path");
        changes.add(
            path == null || !path.isTextual()
                ? Optional.empty()
                : JsonPath.parse(path.textValue())
                    .map(parsed -> new RuleData.Change(parsed, each.get("data"))));
      }
    }
    return changes;
  }

  private static Optional<RuleData.Change> change(@Nullable String path, @Nullable JsonText text) {
    Optional<JsonPath> parsed = path == null ? Optional.empty() : JsonPath.parse(path);
    if (text == null) {
      return parsed.map(steps -> new RuleData.Change(steps, null));
    }
    return Json.parse(text)
        .flatMap(value -> parsed.map(steps -> new RuleData.Change(steps, value)));
  }
}
