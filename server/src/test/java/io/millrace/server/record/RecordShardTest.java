package io.millrace.server.record;

import static io.millrace.protocol.RecordAction.SUBSCRIBE;
import static io.millrace.protocol.RecordAction.SUBSCRIBEANDHEAD;
import static io.millrace.protocol.RecordAction.SUBSCRIBEANDREAD;
import static io.millrace.protocol.RecordAction.SUBSCRIBECREATEANDREAD;
import static io.millrace.protocol.RecordAction.UNSUBSCRIBE;
import static io.millrace.server.record.Cells.paths;
import static io.millrace.server.record.Cells.replace;
import static io.millrace.server.record.Cells.set;
import static io.millrace.server.record.Cells.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordRig.Client;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What clients hear of records, whatever order the grid's changes and answers come in. The record
 * is at home on loop 0; {@code near} is a client of that loop, {@code far} one of the other.
 */
final class RecordShardTest {
  private static final Duration CATCH_UP = Duration.ofSeconds(1);
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final StorageException BROKEN = new StorageException("broken", null);

  private final RecordRig rig = new RecordRig();
  private final RecordName name = rig.nameAt(0, "a");
  private final RecordName other = rig.nameAt(1, "b");
  private final Client near = rig.client(0);
  private final Client far = rig.client(1);

  /** Whatever a test does: when all have gone, nothing is left of it here or at the owner. */
  @AfterEach
  void nothingIsLeftBehind() {
    rig.grid.failWith(null);
    rig.grid.stored(null);
    near.close();
    far.close();
    rig.settle();
    for (int i = 0; i < 3; i++) {
      rig.pass(LINGER);
    }
    assertThat(rig.messages.held()).as("frames").isEmpty();
    assertThat(near.subscriber.openRequests()).as("open requests, near").isZero();
    assertThat(far.subscriber.openRequests()).as("open requests, far").isZero();
    assertThat(rig.grid.isFollowed(name)).as("interest").isFalse();
    assertThat(rig.grid.isFollowed(other)).as("interest").isFalse();
  }

  private ServerMessage readResponse(int version, String json) {
    return new RecordPush.ReadResponse(name, version, new JsonText(json));
  }

  private ServerMessage update(int version, String json) {
    return new RecordPush.Update(name, version, new JsonText(json));
  }

  private ServerMessage patch(int version, String path, String json) {
    return new RecordPush.Patch(name, version, path, new JsonText(json));
  }

  private ServerMessage deleted() {
    return new RecordPush.Deleted(name);
  }

  private ServerMessage ack(RecordAction action, RecordName... names) {
    return new RecordPush.Ack(action, null, List.of(names), "7");
  }

  private ServerMessage failure(RecordAction action, RecordAction original) {
    return RecordPush.Failure.of(action, name, original);
  }

  private static WriteAckRequest acked(String id) {
    return new WriteAckRequest(true, id);
  }

  private void elsewhere(String path, String json) {
    assertThat(rig.writeElsewhere(name, Cells.upsertPaths(-1, set(path, json))))
        .isInstanceOf(WriteOutcome.Applied.class);
  }

  @Nested
  final class Subscribing {

    /** One request makes the record and takes its time, the other has its answer at once. */
    @Test
    void thatEndsBetweenTwoRequestsForTheSameRecordDoesNotBeginAgain() {
      near.bulk(SUBSCRIBEANDREAD, name);
      rig.settle();
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      far.bulk(SUBSCRIBEANDREAD, name);
      far.bulk(UNSUBSCRIBE, name);
      rig.settle();
      near.bulk(UNSUBSCRIBE, name);
      rig.settle();
      assertThat(rig.interest.names()).isEmpty();
    }

    @Test
    void bringsTheStateAndThenEveryChange() {
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      assertThat(near.take()).containsExactly(ack(SUBSCRIBECREATEANDREAD, name));
      rig.settle();
      assertThat(near.take()).containsExactly(readResponse(0, "{}"));
      assertThat(far.takePushes()).containsExactly(readResponse(0, "{}"));
      elsewhere("a", "1");
      elsewhere("b", "2");
      rig.settle();
      assertThat(near.take()).containsExactly(patch(1, "a", "1"), patch(2, "b", "2"));
      assertThat(far.take()).containsExactly(patch(1, "a", "1"), patch(2, "b", "2"));
    }

    /** A hundred thousand clients that open a record cost the grid one read. */
    @Test
    void asksTheGridOnceAndEncodesOnce() {
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      Client third = rig.client(1).subscribed(name);
      assertThat(rig.grid.follows()).isEqualTo(1);
      assertThat(rig.messages.encoded()).isEqualTo(1);
      elsewhere("a", "1");
      rig.settle();
      assertThat(rig.messages.encoded()).isEqualTo(2);
      assertThat(rig.delivered).isEqualTo(3);
      third.close();
    }

    @Test
    void withoutCreatingToldOfTheRecordWhenItComesToBe() {
      near.bulk(SUBSCRIBEANDREAD, name);
      rig.settle();
      assertThat(near.takePushes()).containsExactly(readResponse(-1, "{}"));
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).containsExactly(update(1, "{\"a\":1}"));
    }

    @Test
    void createsWhatOthersFollowAsMissing() {
      near.bulk(SUBSCRIBEANDREAD, name);
      rig.settle();
      near.take();
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(near.take()).containsExactly(update(0, "{}"));
      assertThat(far.takePushes()).containsExactly(readResponse(0, "{}"));
    }

    @Test
    void changesThatComeBeforeTheStateAreLaidOnTopOfIt() {
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.grid.carryOutAll();
      elsewhere("a", "1");
      elsewhere("b", "2");
      rig.deliverChanges();
      near.take();
      rig.answerAll();
      assertThat(near.take()).containsExactly(readResponse(2, "{\"a\":1,\"b\":2}"));
    }

    @Test
    void changesThatTheStateHasAlreadyAreDropped() {
      elsewhere("a", "1");
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.grid.carryOutAll();
      RecordChange old = rig.grid.history().get(0);
      rig.records.changed(rig.grid.owner(), old);
      rig.loops.runAll();
      rig.settle();
      rig.records.changed(rig.grid.owner(), old);
      rig.loops.runAll();
      assertThat(near.takePushes()).containsExactly(readResponse(1, "{\"a\":1}"));
    }

    @Test
    void moreChangesThanAreKeptMeanReadingOnceMore() {
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.grid.carryOutAll();
      for (int i = 0; i < 3_000; i++) {
        elsewhere("a", "" + i);
      }
      rig.deliverChanges();
      rig.settle();
      assertThat(near.takePushes()).containsExactly(readResponse(3_000, "{\"a\":2999}"));
      assertThat(rig.grid.follows()).isEqualTo(2);
    }

    @Test
    void twiceSaysSoAndAnswersWithTheState() {
      near.subscribed(name);
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              ack(SUBSCRIBECREATEANDREAD, name),
              new RecordPush.MultipleSubscriptions(name.value(), SUBSCRIBE),
              readResponse(0, "{}"));
    }

    @Test
    void andUnsubscribingBeforeTheStateIsThereSaysNoMore() {
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      near.bulk(UNSUBSCRIBE, name);
      far.later(new RecordRequest.Bulk(UNSUBSCRIBE, List.of(name), "7"));
      rig.settle();
      assertThat(near.take()).containsExactly(ack(SUBSCRIBECREATEANDREAD, name), ack(UNSUBSCRIBE));
      assertThat(far.take()).containsExactly(ack(SUBSCRIBECREATEANDREAD, name), ack(UNSUBSCRIBE));
      assertThat(near.subscriber.openRequests()).isZero();
      assertThat(far.subscriber.openRequests()).isZero();
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(far.take()).isEmpty();
    }

    /** The state is on its way from the home loop when the client leaves. */
    @Test
    void andUnsubscribingWhileTheStateIsOnItsWaySaysNoMore() {
      near.subscribed(name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      far.take();
      far.later(new RecordRequest.Bulk(UNSUBSCRIBE, List.of(name), "7"));
      Client late = rig.client(1);
      late.later(new RecordRequest.Bulk(SUBSCRIBECREATEANDREAD, List.of(name), "7"));
      late.later(new RecordRequest.Bulk(UNSUBSCRIBE, List.of(name), "7"));
      rig.loops.runOne(1);
      rig.loops.runOne(1);
      rig.loops.runOne(0);
      rig.settle();
      assertThat(late.take()).containsExactly(ack(SUBSCRIBECREATEANDREAD, name), ack(UNSUBSCRIBE));
      assertThat(late.subscriber.openRequests()).isZero();
    }

    @Test
    void againRightAfterUnsubscribingWorks() {
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      far.bulk(UNSUBSCRIBE, name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(far.takePushes()).containsExactly(readResponse(0, "{}"));
      elsewhere("a", "1");
      rig.settle();
      assertThat(far.take()).containsExactly(patch(1, "a", "1"));
    }

    @Test
    void endsWithTheConnection() {
      near.subscribed(name);
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      far.take();
      near.close();
      far.close();
      rig.settle();
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(far.take()).isEmpty();
    }
  }

  @Nested
  final class Heads {

    @Test
    void comeAtOnceForAllNames() {
      elsewhere("a", "1");
      near.bulk(SUBSCRIBEANDHEAD, name, other);
      assertThat(near.take()).isEmpty();
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.HeadResponseBulk(Map.of(name.value(), 1, other.value(), -1)),
              ack(SUBSCRIBEANDHEAD));
    }

    /** Else the client would take the head for news, and read again what it has been sent. */
    @Test
    void haveTheVersionsOfTheMomentTheyAreSent() {
      elsewhere("a", "1");
      near.bulk(SUBSCRIBEANDHEAD, name, other);
      // The one answer arrives, the other doesn't yet.
      rig.grid.carryOutOne();
      rig.grid.answerOne();
      rig.loops.runAll();
      elsewhere("a", "2");
      rig.deliverChanges();
      assertThat(near.take()).containsExactly(patch(2, "a", "2"));
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.HeadResponseBulk(Map.of(name.value(), 2, other.value(), -1)),
              ack(SUBSCRIBEANDHEAD));
    }

    @Test
    void ofNoNamesAreAnsweredToo() {
      near.bulk(SUBSCRIBEANDHEAD);
      assertThat(near.take())
          .containsExactly(new RecordPush.HeadResponseBulk(Map.of()), ack(SUBSCRIBEANDHEAD));
      near.bulk(SUBSCRIBE);
      assertThat(near.take()).containsExactly(ack(SUBSCRIBE));
    }

    @Test
    void doNotWaitForANameThatWasGivenUp() {
      near.bulk(SUBSCRIBEANDHEAD, name, other);
      near.bulk(UNSUBSCRIBE, name);
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              ack(UNSUBSCRIBE),
              new RecordPush.HeadResponseBulk(Map.of(other.value(), -1)),
              ack(SUBSCRIBEANDHEAD));
    }

    @Test
    void leaveOutWhatCannotBeRead() {
      near.bulk(SUBSCRIBEANDHEAD, name, other);
      rig.grid.failWith(BROKEN);
      rig.grid.carryOutOne();
      rig.grid.failWith(null);
      rig.settle();
      assertThat(near.take())
          .containsExactlyInAnyOrder(
              failure(RecordAction.RECORD_LOAD_ERROR, SUBSCRIBEANDHEAD),
              new RecordPush.HeadResponseBulk(Map.of(other.value(), -1)),
              ack(SUBSCRIBEANDHEAD));
    }

    @Test
    void ofWhatIsSubscribedAlreadySaySo() {
      near.subscribed(name);
      near.bulk(SUBSCRIBEANDHEAD, name);
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.MultipleSubscriptions(name.value(), SUBSCRIBEANDHEAD),
              new RecordPush.HeadResponseBulk(Map.of(name.value(), 0)),
              ack(SUBSCRIBEANDHEAD));
    }
  }

  @Nested
  final class Holes {

    @Test
    void areReadAgainAndSentAsTheWholeState() {
      near.subscribed(name);
      far.subscribed(name);
      elsewhere("a", "1");
      rig.loseChanges();
      elsewhere("b", "2");
      rig.settle();
      assertThat(near.take()).containsExactly(update(2, "{\"a\":1,\"b\":2}"));
      assertThat(far.take()).containsExactly(update(2, "{\"a\":1,\"b\":2}"));
      elsewhere("c", "3");
      rig.settle();
      assertThat(near.take()).containsExactly(patch(3, "c", "3"));
    }

    @Test
    void areNoHolesWhenAWholeStateFollows() {
      near.subscribed(name);
      elsewhere("a", "1");
      rig.loseChanges();
      rig.writeElsewhere(name, replace(-1, "{\"z\":1}"));
      rig.settle();
      assertThat(near.take()).containsExactly(update(2, "{\"z\":1}"));
      assertThat(rig.grid.follows()).isEqualTo(1);
    }

    @Test
    void areReadUntilTheyCanBe() {
      near.subscribed(name);
      elsewhere("a", "1");
      rig.loseChanges();
      elsewhere("b", "2");
      rig.grid.failWith(BROKEN);
      rig.settle();
      rig.pass(CATCH_UP);
      assertThat(near.take()).isEmpty();
      rig.grid.failWith(null);
      elsewhere("c", "3");
      rig.pass(CATCH_UP);
      assertThat(near.take()).containsExactly(update(3, "{\"a\":1,\"b\":2,\"c\":3}"));
    }

    @Test
    void behindWhichTheRecordIsGoneEndTheSubscription() {
      near.subscribed(name);
      elsewhere("a", "1");
      rig.loseChanges();
      elsewhere("b", "2");
      rig.deliverChanges();
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.loseChanges();
      rig.settle();
      assertThat(near.take()).containsExactly(deleted());
    }

    @Test
    void inALaterLifeEndTheSubscriptions() {
      near.subscribed(name);
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.loseChanges();
      // The owner has forgotten who follows; it is told again by the read that the hole causes.
      elsewhere("new", "1");
      rig.grid.cell(name).addInterest(FakeGrid.NODE);
      elsewhere("b", "2");
      rig.settle();
      // Versions begin again: an UPDATE to version 2 might look like an old one to the client.
      assertThat(near.take()).containsExactly(new RecordPush.Deleted(name));
    }
  }

  @Nested
  final class Writing {

    @Test
    void excludesTheConnectionThatWroteAndNoOther() {
      Client sameUser = rig.client(0).subscribed(name);
      near.subscribed(name);
      far.subscribed(name);
      near.patch(name, 1, "a", "1", "");
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(sameUser.take()).containsExactly(patch(1, "a", "1"));
      assertThat(far.take()).containsExactly(patch(1, "a", "1"));
      elsewhere("b", "2");
      rig.settle();
      assertThat(near.take()).containsExactly(patch(2, "b", "2"));
      sameUser.close();
    }

    @Test
    void isAcknowledgedWhenItIsStored() {
      rig.grid.holdDurable();
      near.subscribed(name);
      far.subscribed(name);
      near.patch(name, 1, "a", "1", "w1");
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(far.take()).containsExactly(patch(1, "a", "1"));
      rig.grid.stored(null);
      rig.settle();
      assertThat(near.take()).containsExactly(new RecordPush.WriteAcknowledgement(name, "w1"));
    }

    @Test
    void thatIsNotStoredIsAnError() {
      rig.grid.holdDurable();
      near.patch(name, 1, "a", "1", "w1");
      rig.settle();
      rig.grid.stored(BROKEN);
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.Failure(
                  RecordAction.RECORD_UPDATE_ERROR,
                  name.value(),
                  null,
                  true,
                  acked("w1"),
                  null,
                  null));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLoserHearsOfTheWinnerBeforeItHearsThatItLost(boolean changeFirst) {
      near.subscribed(name);
      far.subscribed(name);
      near.patch(name, 1, "a", "\"near\"", "");
      far.patch(name, 1, "a", "\"far\"", "w9");
      rig.grid.carryOutAll();
      if (!changeFirst) {
        rig.answerAll();
        assertThat(far.take()).isEmpty();
      }
      rig.deliverChanges();
      rig.answerAll();
      assertThat(far.take())
          .containsExactly(
              patch(1, "a", "\"near\""),
              new RecordPush.VersionExists(
                  name, 1, new JsonText("{\"a\":\"near\"}"), RecordAction.PATCH, acked("w9")),
              new RecordPush.Failure(
                  RecordAction.RECORD_UPDATE_ERROR,
                  name.value(),
                  null,
                  true,
                  acked("w9"),
                  null,
                  null));
    }

    @Test
    void theLoserHearsOfTheWinnerAlsoWhenItsChangeWasLost() {
      near.subscribed(name);
      far.subscribed(name);
      near.patch(name, 1, "a", "\"near\"", "");
      far.patch(name, 1, "a", "\"far\"", "");
      rig.grid.carryOutAll();
      rig.loseChanges();
      rig.settle();
      assertThat(far.take()).isEmpty();
      rig.pass(CATCH_UP);
      assertThat(far.take())
          .containsExactly(
              update(1, "{\"a\":\"near\"}"),
              new RecordPush.VersionExists(
                  name,
                  1,
                  new JsonText("{\"a\":\"near\"}"),
                  RecordAction.PATCH,
                  WriteAckRequest.NONE));
    }

    /** What one has waited for long says nothing of what another has just begun to wait for. */
    @Test
    void isNotReadAgainForOneWhoWaitsSinceAMoment() {
      near.subscribed(name);
      near.patch(name, 1, "a", "1", "first");
      rig.grid.carryOutAll();
      rig.answerAll();
      rig.deliverChanges();
      rig.pass(CATCH_UP.minusMillis(1));
      near.patch(name, 2, "a", "2", "second");
      rig.grid.carryOutAll();
      rig.answerAll();
      rig.loops.advance(Duration.ofMillis(1));
      rig.loops.runAll();
      assertThat(rig.grid.hasRequests()).isFalse();
    }

    /** A record that nobody here follows any more, but that is still remembered. */
    @Test
    void theLoserIsAnsweredWhenTheRecordIsGoneMeanwhile() {
      far.subscribed(name);
      far.bulk(UNSUBSCRIBE, name);
      rig.settle();
      far.take();
      elsewhere("a", "1");
      far.patch(name, 1, "a", "2", "");
      rig.grid.carryOutAll();
      rig.loseChanges();
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.grid.cell(name).forgetIfRemoved(rig.grid.cell(name).sequence());
      rig.loseChanges();
      rig.settle();
      rig.pass(CATCH_UP);
      rig.pass(CATCH_UP);
      assertThat(far.take())
          .containsExactly(
              new RecordPush.VersionExists(
                  name, 1, new JsonText("{\"a\":1}"), RecordAction.PATCH, WriteAckRequest.NONE));
    }

    /**
     * It was told of the winner's write by the answer to its read: what it is told then does not
     * make it give up its own (protocol §10.2).
     */
    @Test
    void thatLosesToAVersionThatItsClientHasReadBringsItBackInStep() {
      near.subscribed(name);
      elsewhere("a", "1");
      rig.settle();
      near.says(new RecordRequest.Read(name));
      rig.settle();
      near.take();
      near.patch(name, 1, "a", "2", "");
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.VersionExists(
                  name, 1, new JsonText("{\"a\":1}"), RecordAction.PATCH, WriteAckRequest.NONE),
              update(1, "{\"a\":1}"));
    }

    /** What it reads may reach the client after it has written, and undo that (protocol §10.7). */
    @Test
    void ofAWholeRecordBehindAReadIsSentBackOnce() {
      near.subscribed(name);
      elsewhere("a", "1");
      rig.settle();
      near.says(new RecordRequest.Read(name));
      near.says(
          new RecordRequest.Update(
              RecordAction.UPDATE, name, 2, new JsonText("[1]"), WriteAckRequest.NONE));
      rig.settle();
      assertThat(near.take())
          .containsExactly(patch(1, "a", "1"), readResponse(1, "{\"a\":1}"), update(2, "[1]"));
      near.says(
          new RecordRequest.Update(
              RecordAction.UPDATE, name, 3, new JsonText("[2]"), WriteAckRequest.NONE));
      rig.settle();
      assertThat(near.take()).isEmpty();
    }

    @Test
    void ofAPathBehindAReadIsNotSentBack() {
      near.subscribed(name);
      near.says(new RecordRequest.Read(name));
      rig.settle();
      near.take();
      near.patch(name, 1, "a", "1", "");
      rig.settle();
      assertThat(near.take()).isEmpty();
    }

    /** Its own change is not sent to it, and the state that it was sent is from before. */
    @Test
    void byAClientThatSubscribesMeanwhileReachesItToo() {
      far.subscribed(name);
      near.patch(name, 1, "a", "1", "");
      near.bulk(SUBSCRIBEANDREAD, name);
      assertThat(near.takePushes()).containsExactly(readResponse(0, "{}"));
      rig.settle();
      assertThat(near.take()).containsExactly(update(1, "{\"a\":1}"));
    }

    @Test
    void thatSkipsVersionsIsRefusedAndTheClientBroughtBackInStep() {
      near.subscribed(name);
      near.patch(name, 3, "a", "1", "w1");
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.Failure(
                  RecordAction.INVALID_VERSION,
                  name.value(),
                  RecordAction.PATCH,
                  true,
                  acked("w1"),
                  0,
                  null),
              update(0, "{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.__proto__.b", "", "a[x]"})
    void toAPathThatIsNoneIsRefusedAndTheClientBroughtBackInStep(String path) {
      near.subscribed(name);
      near.patch(name, 1, path, "1", "");
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.Failure(
                  RecordAction.INVALID_MESSAGE_DATA,
                  name.value(),
                  RecordAction.PATCH,
                  true,
                  WriteAckRequest.NONE,
                  null,
                  null),
              update(0, "{}"));
    }

    /** There is nothing to bring it back in step with; but what follows must reach it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thatIsRefusedOnAMissingRecordDoesNotCutItsSubscriberOff(boolean whileLoading) {
      near.bulk(SUBSCRIBEANDREAD, name);
      if (!whileLoading) {
        rig.settle();
      }
      near.patch(name, 1, "a[x]", "1", "");
      rig.settle();
      near.take();
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).containsExactly(update(1, "{\"a\":1}"));
    }

    @Test
    void toAMissingRecordCreatesItOnlyForAnUpsert() {
      near.patch(name, 1, "a", "1", "");
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.Failure(
                  RecordAction.RECORD_UPDATE_ERROR,
                  name.value(),
                  null,
                  true,
                  WriteAckRequest.NONE,
                  null,
                  null));
      near.says(
          new RecordRequest.Update(
              RecordAction.CREATEANDUPDATE, name, -1, new JsonText("[1]"), WriteAckRequest.NONE));
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(rig.grid.state(name).data()).isEqualTo(new JsonText("[1]"));
    }

    @Test
    void severalPathsArriveAsOneWholeState() {
      near.subscribed(name);
      rig.writeElsewhere(name, paths(-1, set("a", "1"), set("b", "2")));
      rig.settle();
      assertThat(near.take()).containsExactly(update(1, "{\"a\":1,\"b\":2}"));
    }

    @Test
    void toAHotPathArrivesAtVersionZero() {
      RecordName hot = rig.nameAt(0, "hot/");
      near.subscribed(hot);
      far.says(
          new RecordRequest.Update(
              RecordAction.CREATEANDUPDATE, hot, -1, new JsonText("[1]"), acked("w1")));
      rig.settle();
      assertThat(near.take()).containsExactly(new RecordPush.Update(hot, 0, new JsonText("[1]")));
      assertThat(far.take()).containsExactly(new RecordPush.WriteAcknowledgement(hot, "w1"));
      far.says(
          new RecordRequest.Patch(
              RecordAction.CREATEANDPATCH, hot, -1, "a", new JsonText("1"), acked("w2")));
      assertThat(far.take())
          .extracting(ServerMessage::action)
          .containsExactly(RecordAction.INVALID_PATCH_ON_HOTPATH);
    }
  }

  @Nested
  final class Deleting {

    @Test
    void tellsTheOthersAndEndsAllSubscriptions() {
      near.subscribed(name);
      far.subscribed(name);
      near.says(new RecordRequest.Delete(name, null));
      rig.settle();
      assertThat(near.take()).containsExactly(new RecordPush.DeleteSuccess(name));
      assertThat(far.take()).containsExactly(deleted());
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).isEmpty();
      assertThat(far.take()).isEmpty();
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(far.takePushes()).containsExactly(readResponse(1, "{\"a\":1}"));
    }

    /** Else who opens the record anew would be given the life that it has ended itself. */
    @Test
    void isAnsweredWhenTheRemovalHasArrived() {
      near.subscribed(name);
      near.says(new RecordRequest.Delete(name, null));
      rig.grid.carryOutAll();
      rig.answerAll();
      assertThat(near.take()).isEmpty();
      rig.deliverChanges();
      assertThat(near.take()).containsExactly(new RecordPush.DeleteSuccess(name));
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(near.takePushes()).containsExactly(readResponse(0, "{}"));
    }

    @Test
    void isAnsweredAlsoWhenTheRemovalWasLost() {
      near.subscribed(name);
      far.subscribed(name);
      near.says(new RecordRequest.Delete(name, null));
      rig.grid.carryOutAll();
      rig.loseChanges();
      rig.settle();
      assertThat(near.take()).isEmpty();
      rig.pass(CATCH_UP);
      assertThat(near.take()).contains(new RecordPush.DeleteSuccess(name));
      assertThat(far.take()).containsExactly(deleted());
    }

    @Test
    void ofAMissingRecordSucceeds() {
      near.says(new RecordRequest.Delete(name, null));
      rig.settle();
      assertThat(near.take()).containsExactly(new RecordPush.DeleteSuccess(name));
    }

    @Test
    void isTellingTheSlowReaderToo() {
      near.subscribed(name);
      near.setWritable(false);
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.settle();
      assertThat(near.take()).containsExactly(deleted());
      near.setWritable(true);
      rig.settle();
      assertThat(near.take()).isEmpty();
    }

    @Test
    void isHeardOfByWhoSubscribedBeforeItArrived() {
      near.subscribed(name);
      near.says(new RecordRequest.Delete(name, null));
      rig.grid.carryOutAll();
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(far.takePushes()).containsExactly(readResponse(0, "{}"), deleted());
    }

    @Test
    void thatIsHeardOfBeforeTheStateMakesItReadAgain() {
      elsewhere("a", "1");
      near.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.grid.carryOutAll();
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.deliverChanges();
      rig.answerAll();
      rig.settle();
      assertThat(near.takePushes()).containsExactly(readResponse(0, "{}"));
      elsewhere("b", "1");
      rig.settle();
      assertThat(near.take()).containsExactly(patch(1, "b", "1"));
    }

    /** A removal that was published before, and arrives after. */
    @Test
    void thatIsLateDoesNotEndANewSubscription() {
      near.subscribed(name);
      rig.writeElsewhere(name, new RecordCommand.Remove());
      RecordChange removal = rig.grid.takeChange();
      rig.records.changed(rig.grid.owner(), removal);
      rig.settle();
      assertThat(near.take()).containsExactly(deleted());
      near.bulk(SUBSCRIBEANDREAD, name);
      rig.settle();
      near.take();
      rig.records.changed(rig.grid.owner(), removal);
      rig.settle();
      assertThat(near.take()).isEmpty();
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).containsExactly(update(1, "{\"a\":1}"));
    }
  }

  @Nested
  final class SlowReaders {

    @Test
    void getTheNewestStateOnceInsteadOfAQueue() {
      near.subscribed(name);
      far.subscribed(name);
      far.setWritable(false);
      for (int i = 1; i <= 100; i++) {
        elsewhere("a", "" + i);
      }
      rig.settle();
      assertThat(near.take()).hasSize(100);
      assertThat(far.take()).isEmpty();
      assertThat(rig.conflated).isEqualTo(100);
      far.setWritable(true);
      rig.settle();
      assertThat(far.take()).containsExactly(update(100, "{\"a\":100}"));
      elsewhere("a", "0");
      rig.settle();
      assertThat(far.take()).containsExactly(patch(101, "a", "0"));
    }

    @Test
    void getNothingTheyDidNotMiss() {
      near.subscribed(name);
      near.setWritable(false);
      near.setWritable(true);
      rig.settle();
      assertThat(near.take()).isEmpty();
    }

    @Test
    void thatStallAgainBeforeTheStateArrivesGetItLater() {
      far.subscribed(name);
      far.setWritable(false);
      elsewhere("a", "1");
      rig.settle();
      far.subscriber
          .loop()
          .execute(
              () -> {
                far.subscriber.setWritable(true);
                far.session.writabilityChanged();
                far.subscriber.setWritable(false);
              });
      rig.settle();
      elsewhere("a", "2");
      rig.settle();
      assertThat(far.take()).isEmpty();
      far.setWritable(true);
      rig.settle();
      assertThat(far.take()).containsExactly(update(2, "{\"a\":2}"));
    }

    @Test
    void catchUpWithWhatIsBeingReadAgain() {
      far.subscribed(name);
      far.setWritable(false);
      elsewhere("a", "1");
      rig.loseChanges();
      elsewhere("b", "2");
      rig.deliverChanges();
      far.setWritable(true);
      assertThat(far.take()).isEmpty();
      rig.settle();
      assertThat(far.take()).containsExactly(update(2, "{\"a\":1,\"b\":2}"));
    }

    @Test
    void ofManyRecordsCatchUpWithAllOfThem() {
      RecordName[] names =
          java.util.stream.IntStream.range(0, 50)
              .mapToObj(i -> new RecordName("many/" + i))
              .toArray(RecordName[]::new);
      far.subscribed(names);
      far.setWritable(false);
      for (RecordName each : names) {
        rig.writeElsewhere(each, upsert(-1, "[1]"));
      }
      rig.settle();
      assertThat(far.take()).isEmpty();
      far.setWritable(true);
      rig.settle();
      assertThat(far.take())
          .hasSize(50)
          .allMatch(message -> message instanceof RecordPush.Update(var n, var v, var d) && v == 1);
    }

    @Test
    void thatLeaveGetNothing() {
      far.subscribed(name);
      far.setWritable(false);
      elsewhere("a", "1");
      rig.settle();
      far.bulk(UNSUBSCRIBE, name);
      far.setWritable(true);
      rig.settle();
      assertThat(far.take()).containsExactly(ack(UNSUBSCRIBE));
    }
  }

  @Nested
  final class Reading {

    @Test
    void ofAFollowedRecordDoesNotAskTheGrid() {
      near.subscribed(name);
      far.says(new RecordRequest.Read(name));
      far.says(new RecordRequest.Head(name));
      rig.settle();
      assertThat(far.take())
          .containsExactly(readResponse(0, "{}"), new RecordPush.HeadResponse(name, 0));
      assertThat(rig.grid.reads()).isZero();
    }

    @Test
    void followsTheWritesOfTheSameConnection() {
      near.subscribed(name);
      near.patch(name, 1, "a", "1", "");
      near.says(new RecordRequest.Read(name));
      near.says(new RecordRequest.Head(name));
      rig.settle();
      assertThat(near.take())
          .containsExactlyInAnyOrder(
              readResponse(1, "{\"a\":1}"), new RecordPush.HeadResponse(name, 1));
    }

    @Test
    void neverAnswersWithMoreThanWasBroadcast() {
      near.subscribed(name);
      near.patch(name, 1, "a", "1", "");
      near.says(new RecordRequest.Read(name));
      elsewhere("b", "2");
      rig.grid.carryOutAll();
      rig.answerAll();
      assertThat(near.take()).isEmpty();
      rig.deliverChanges();
      assertThat(near.take().get(0)).isInstanceOf(RecordPush.Patch.class);
    }

    /**
     * The owner's answer to a write comes when there is a copy, that to a read at once. Who loses
     * and reads knows then what it lost to: a full state besides could undo what it writes next.
     */
    @Test
    void isAnsweredBehindTheWritesThatWereMadeBefore() {
      near.subscribed(name);
      rig.grid.copyWhenTold();
      elsewhere("a", "1");
      rig.settle();
      assertThat(near.take()).containsExactly(patch(1, "a", "1"));
      near.patch(name, 1, "a", "2", "");
      near.says(new RecordRequest.Read(name));
      rig.settle();
      assertThat(near.take()).isEmpty();
      rig.grid.copyOne();
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.VersionExists(
                  name, 1, new JsonText("{\"a\":1}"), RecordAction.PATCH, WriteAckRequest.NONE),
              readResponse(1, "{\"a\":1}"));
    }

    @Test
    void doesNotWaitForWritesThatAreMadeAfterIt() {
      near.subscribed(name);
      rig.grid.copyWhenTold();
      near.patch(name, 1, "a", "1", "w1");
      near.says(new RecordRequest.Read(name));
      near.patch(name, 2, "a", "2", "w2");
      rig.settle();
      rig.grid.copyOne();
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              new RecordPush.WriteAcknowledgement(name, "w1"), readResponse(2, "{\"a\":2}"));
      rig.grid.copyOne();
      rig.settle();
      assertThat(near.take()).containsExactly(new RecordPush.WriteAcknowledgement(name, "w2"));
    }

    @Test
    void saysThatARecordIsGoneOnlyBehindItsRemoval() {
      near.subscribed(name);
      near.patch(name, 1, "a", "1", "");
      near.says(new RecordRequest.Read(name));
      rig.grid.carryOutOne();
      rig.writeElsewhere(name, new RecordCommand.Remove());
      rig.grid.carryOutAll();
      rig.answerAll();
      assertThat(near.take()).isEmpty();
      rig.deliverChanges();
      assertThat(near.take())
          .containsExactly(deleted(), failure(RecordAction.RECORD_NOT_FOUND, RecordAction.READ));
    }

    @Test
    void ofAMissingRecordIsAnErrorAndItsHeadIsNot() {
      near.says(new RecordRequest.Read(name));
      near.says(new RecordRequest.Head(name));
      rig.settle();
      assertThat(near.take())
          .containsExactly(
              failure(RecordAction.RECORD_NOT_FOUND, RecordAction.READ),
              new RecordPush.HeadResponse(name, -1));
    }
  }

  @Nested
  final class BrokenStorage {

    @ParameterizedTest
    @EnumSource(
        value = RecordAction.class,
        names = {"SUBSCRIBECREATEANDREAD", "SUBSCRIBEANDREAD"})
    void failsSubscriptionsWithTheActionThatWasSent(RecordAction action) {
      rig.grid.failWith(BROKEN);
      near.bulk(action, name);
      rig.settle();
      assertThat(near.take())
          .containsExactly(ack(action, name), failure(RecordAction.RECORD_LOAD_ERROR, action));
      rig.grid.failWith(null);
      near.bulk(action, name);
      rig.settle();
      assertThat(near.takePushes())
          .extracting(ServerMessage::action)
          .containsExactly(RecordAction.READ_RESPONSE);
    }

    @Test
    void failsRequests() {
      rig.grid.failWith(BROKEN);
      near.says(new RecordRequest.Read(name));
      near.says(new RecordRequest.Head(name));
      near.says(new RecordRequest.Delete(name, null));
      near.patch(name, 1, "a", "1", "w1");
      near.says(new RecordRequest.Notify(List.of(name), "n1"));
      rig.settle();
      assertThat(near.take())
          .extracting(ServerMessage::action)
          .containsExactly(
              RecordAction.STORAGE_RETRIEVAL_TIMEOUT,
              RecordAction.STORAGE_RETRIEVAL_TIMEOUT,
              RecordAction.RECORD_DELETE_ERROR,
              RecordAction.RECORD_UPDATE_ERROR,
              RecordAction.RECORD_NOTIFY_ERROR);
    }

    @Test
    void leavesNoInterestWhenARecordWithoutSubscribersCannotBeReadAgain() {
      near.subscribed(name);
      near.bulk(UNSUBSCRIBE, name);
      elsewhere("a", "1");
      rig.loseChanges();
      elsewhere("b", "1");
      rig.grid.failWith(BROKEN);
      rig.deliverChanges();
      rig.grid.carryOutAll();
      rig.grid.failWith(null);
      rig.settle();
      rig.pass(LINGER);
      assertThat(rig.grid.isFollowed(name)).isFalse();
    }
  }

  @Nested
  final class Lingering {

    @Test
    void keepsTheStateForThoseWhoComeBack() {
      near.subscribed(name);
      near.bulk(UNSUBSCRIBE, name);
      rig.pass(LINGER.minusMillis(1));
      elsewhere("a", "1");
      rig.settle();
      far.bulk(SUBSCRIBECREATEANDREAD, name);
      rig.settle();
      assertThat(far.takePushes()).containsExactly(readResponse(1, "{\"a\":1}"));
      assertThat(rig.grid.follows()).isEqualTo(1);
      rig.pass(LINGER);
      elsewhere("a", "2");
      rig.settle();
      assertThat(far.take()).containsExactly(patch(2, "a", "2"));
    }

    @Test
    void endsAfterAWhile() {
      near.subscribed(name);
      near.bulk(UNSUBSCRIBE, name);
      rig.settle();
      assertThat(rig.grid.isFollowed(name)).isTrue();
      rig.pass(LINGER);
      assertThat(rig.grid.isFollowed(name)).isFalse();
      assertThat(rig.messages.held()).isEmpty();
    }
  }
}
