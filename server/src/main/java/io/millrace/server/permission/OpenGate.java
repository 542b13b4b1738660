package io.millrace.server.permission;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import java.util.List;
import java.util.function.Consumer;

/** Everybody may do everything. */
public final class OpenGate implements PermissionGate {

  @Override
  public void judge(Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed) {
    proceed.accept(message);
  }

  @Override
  public void mayRead(Subscriber subscriber, RecordName name, Consumer<Boolean> answer) {
    answer.accept(true);
  }

  @Override
  public void visibleUsers(
      Subscriber subscriber, List<String> users, Consumer<List<String>> visible) {
    visible.accept(users);
  }
}
