package io.millrace.protocol.codec;

import io.millrace.protocol.Action;
import io.millrace.protocol.AuthAction;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RpcAction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The actions of one topic by their numbers. */
final class Actions<A extends Action> {
  static final Actions<ParserAction> PARSER = new Actions<>(ParserAction.values());
  static final Actions<ConnectionAction> CONNECTION = new Actions<>(ConnectionAction.values());
  static final Actions<AuthAction> AUTH = new Actions<>(AuthAction.values());
  static final Actions<EventAction> EVENT = new Actions<>(EventAction.values());
  static final Actions<RecordAction> RECORD = new Actions<>(RecordAction.values());
  static final Actions<RpcAction> RPC = new Actions<>(RpcAction.values());
  static final Actions<PresenceAction> PRESENCE = new Actions<>(PresenceAction.values());

  private final List<@Nullable A> byNumber = new ArrayList<>();

  private Actions(A[] actions) {
    for (A action : actions) {
      int missing = action.number() + 1 - byNumber.size();
      byNumber.addAll(Collections.nCopies(Math.max(0, missing), null));
      byNumber.set(action.number(), action);
    }
  }

  @Nullable A of(int number) {
    return number >= 0 && number < byNumber.size() ? byNumber.get(number) : null;
  }

  /** The action of the body; absent counts as 0, which is no action of any topic. */
  A required(Body body) {
    int number = body.number(Field.ACTION, 0);
    A action = of(number);
    if (action == null) {
      throw Refusal.unknownAction(number);
    }
    return action;
  }

  /** The original action, as far as it is known: its numbers may grow. */
  @Nullable A original(Body body) {
    return of(body.number(Field.ORIGINAL_ACTION, 0));
  }

  A requiredOriginal(Body body) {
    A action = original(body);
    if (action == null) {
      throw Refusal.invalidField(Field.ORIGINAL_ACTION, "is missing or unknown");
    }
    return action;
  }
}
