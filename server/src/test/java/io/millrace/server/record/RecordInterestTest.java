package io.millrace.server.record;

import static io.millrace.server.record.Cells.paths;
import static io.millrace.server.record.Cells.set;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.transport.EventLoop;
import org.junit.jupiter.api.Test;

/** Which records have subscribers, as others are told, and who hears of providers. */
final class RecordInterestTest {
  private final RecordRig rig = new RecordRig();
  private final RecordName name = rig.nameAt(0, "a");
  private final RecordRig.Client here = rig.client(0);
  private final RecordRig.Client there = rig.client(1);

  @Test
  void aSubscriptionCountsBeforeTheRecordIsRead() {
    here.bulk(RecordAction.SUBSCRIBECREATEANDREAD, name);
    assertThat(rig.interest.names()).containsExactly(name.value());
    here.bulk(RecordAction.UNSUBSCRIBE, name);
    assertThat(rig.interest.names()).isEmpty();
    rig.settle();
    assertThat(rig.interest.names()).isEmpty();
  }

  @Test
  void theLastOneToLeaveEndsTheInterest() {
    here.subscribed(name);
    there.subscribed(name);
    there.bulk(RecordAction.SUBSCRIBE, name);
    rig.settle();
    here.close();
    assertThat(rig.interest.names()).isNotEmpty();
    there.bulk(RecordAction.UNSUBSCRIBE, name);
    assertThat(rig.interest.names()).isEmpty();
  }

  @Test
  void aRecordThatCannotBeReadInterestsNobody() {
    rig.grid.failWith(new StorageException("broken", null));
    here.bulk(RecordAction.SUBSCRIBECREATEANDREAD, name);
    there.bulk(RecordAction.SUBSCRIBEANDHEAD, name);
    rig.settle();
    assertThat(rig.interest.names()).isEmpty();
    rig.grid.failWith(null);
    here.subscribed(name);
    assertThat(rig.interest.names()).containsExactly(name.value());
    here.close();
    assertThat(rig.interest.names()).isEmpty();
  }

  @Test
  void aRemovedRecordInterestsNobodyUntilItIsOpenedAgain() {
    here.subscribed(name);
    there.subscribed(name);
    rig.writeElsewhere(name, new RecordCommand.Remove());
    rig.settle();
    assertThat(rig.interest.names()).isEmpty();
    here.close();
    there.subscribed(name);
    assertThat(rig.interest.names()).containsExactly(name.value());
  }

  @Test
  void whoOpensARecordWhileItIsRemovedStaysInterested() {
    here.subscribed(name);
    rig.writeElsewhere(name, paths(-1, set("a", "1")));
    rig.loseChanges();
    rig.writeElsewhere(name, paths(-1, set("b", "2")));
    rig.deliverChanges();
    // The hole has the node read the record, and whoever comes now waits for it.
    there.bulk(RecordAction.SUBSCRIBECREATEANDREAD, name);
    rig.writeElsewhere(name, new RecordCommand.Remove());
    rig.loseChanges();
    rig.settle();
    assertThat(rig.interest.names()).containsExactly(name.value());
    there.close();
    rig.settle();
    assertThat(rig.interest.names()).isEmpty();
  }

  @Test
  void subscribersHearOfAProviderAndLaterOnesToo() {
    here.subscribed(name);
    provided(true);
    assertThat(here.take()).containsExactly(state(true));
    there.bulk(RecordAction.SUBSCRIBEANDHEAD, name);
    rig.settle();
    assertThat(there.take()).startsWith(state(true));
    provided(false);
    assertThat(here.take()).containsExactly(state(false));
    assertThat(there.take()).containsExactly(state(false));
    assertThat(rig.messages.held()).noneMatch(RecordPush.ProviderState.class::isInstance);
  }

  private void provided(boolean now) {
    EventLoop home = rig.loops.all().home(name.value());
    home.execute(() -> rig.interest.provided(name.value(), now));
    rig.loops.runAll();
  }

  private RecordPush state(boolean provided) {
    return new RecordPush.ProviderState(
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER,
        name);
  }
}
