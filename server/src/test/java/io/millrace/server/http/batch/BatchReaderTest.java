package io.millrace.server.http.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.Topic;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BatchReaderTest {
  private final BatchReader reader = new BatchReader(true);

  private Batch valid(String body) {
    assertThat(reader.read(body)).isInstanceOf(BatchReader.Valid.class);
    return ((BatchReader.Valid) reader.read(body)).batch();
  }

  private ClientMessage item(String item) {
    return valid("{\"body\":[" + item + "]}").items().get(0).request();
  }

  private static String textOf(BatchReader.Outcome outcome) {
    assertThat(outcome).isInstanceOf(BatchReader.Invalid.class);
    return ((BatchReader.Invalid) outcome).text();
  }

  @Test
  void anEventIsEmitted() {
    assertThat(item("{\"topic\":\"event\",\"action\":\"emit\",\"eventName\":\"e\"}"))
        .isEqualTo(new EventRequest.Emit("e", null));
    assertThat(item("{\"topic\":\"event\",\"action\":\"emit\",\"eventName\":\"e\",\"data\":null}"))
        .isEqualTo(new EventRequest.Emit("e", JsonText.NULL));
  }

  @Test
  void callsHaveIdsOfTheirOwn() {
    String call = "{\"topic\":\"rpc\",\"action\":\"make\",\"rpcName\":\"r\",\"data\":[1]}";

    List<BatchItem> items = valid("{\"body\":[" + call + "," + call + "]}").items();

    assertThat(items)
        .extracting(item -> ((RpcRequest.Call) item.request()).correlationId())
        .doesNotHaveDuplicates();
    assertThat(items.get(0).request())
        .isInstanceOfSatisfying(
            RpcRequest.Call.class,
            made -> {
              assertThat(made.name()).isEqualTo("r");
              assertThat(made.data()).isEqualTo(new JsonText("[1]"));
            });
  }

  @Test
  void aRecordIsReadAskedForAndDeleted() {
    RecordName name = new RecordName("a/b");

    assertThat(item("{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"a/b\"}"))
        .isEqualTo(new RecordRequest.Read(name));
    assertThat(item("{\"topic\":\"record\",\"action\":\"head\",\"recordName\":\"a/b\"}"))
        .isEqualTo(new RecordRequest.Head(name));
    assertThat(item("{\"topic\":\"record\",\"action\":\"delete\",\"recordName\":\"a/b\"}"))
        .isEqualTo(new RecordRequest.Delete(name, null));
    assertThat(item("{\"topic\":\"list\",\"action\":\"read\",\"listName\":\"a/b\"}"))
        .isEqualTo(new RecordRequest.Read(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"version\":0", ",\"version\":-1"})
  void noVersionMeansAny(String version) {
    RecordRequest.Update write =
        (RecordRequest.Update)
            item(
                "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":[]"
                    + version
                    + "}");

    assertThat(write.version()).isEqualTo(-1);
    assertThat(write.action()).isEqualTo(RecordAction.CREATEANDUPDATE);
    assertThat(write.ack().wanted()).isTrue();
  }

  @Test
  void aPathIsWritten() {
    RecordRequest.Patch write =
        (RecordRequest.Patch)
            item(
                """
                {"topic":"record","action":"write","recordName":"a","path":"p.q","data":7,"version":3}\
                """);

    assertThat(write.action()).isEqualTo(RecordAction.CREATEANDPATCH);
    assertThat(write.version()).isEqualTo(3);
    assertThat(write.path()).isEqualTo("p.q");
    assertThat(write.data()).isEqualTo(new JsonText("7"));
  }

  @Test
  void presenceIsAskedOfAllOrSome() {
    assertThat(item("{\"topic\":\"presence\",\"action\":\"query\"}"))
        .isEqualTo(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
    assertThat(item("{\"topic\":\"presence\",\"action\":\"query\",\"names\":[\"u\"]}"))
        .isInstanceOfSatisfying(
            PresenceRequest.Named.class, named -> assertThat(named.names()).containsExactly("u"));
  }

  @Test
  void failuresOfListsAreAboutRecords() {
    Batch batch = valid("{\"body\":[{\"topic\":\"list\",\"action\":\"read\",\"listName\":\"l\"}]}");

    assertThat(batch.items().get(0).topic()).isEqualTo(Topic.RECORD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "{}",
        "{\"topic\":\"record\"}",
        "{\"topic\":\"clock\",\"action\":\"read\"}",
        "{\"topic\":\"record\",\"action\":\"peek\",\"recordName\":\"a\"}",
        "{\"topic\":\"record\",\"action\":\"read\"}",
        "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"\"}",
        "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":7}",
        "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"a\",\"extra\":1}",
        "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"a\",\"data\":1}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\"}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":7}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":null}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"path\":\"p\"}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"path\":\"\",\"data\":1}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"path\":1,\"data\":1}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":{},\"version\":-2}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":{},\"version\":1.5}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":{},\"version\":\"1\"}",
        "{\"topic\":\"record\",\"action\":\"write\",\"recordName\":\"a\",\"data\":{},\"version\":4294967296}",
        "{\"topic\":\"record\",\"action\":\"notify\"}",
        "{\"topic\":\"record\",\"action\":\"notify\",\"recordNames\":\"a\"}",
        "{\"topic\":\"record\",\"action\":\"notify\",\"recordNames\":[\"\"]}",
        "{\"topic\":\"list\",\"action\":\"write\",\"listName\":\"l\",\"data\":[\"a\",1]}",
        "{\"topic\":\"list\",\"action\":\"write\",\"listName\":\"l\",\"data\":{}}",
        "{\"topic\":\"list\",\"action\":\"head\",\"listName\":\"l\"}",
        "{\"topic\":\"event\",\"action\":\"subscribe\",\"eventName\":\"e\"}",
        "{\"topic\":\"rpc\",\"action\":\"make\",\"eventName\":\"e\"}",
        "{\"topic\":\"presence\",\"action\":\"query\",\"names\":[1]}",
      })
  void anItemThatCannotBeMeantIsNamedByItsIndex(String item) {
    String good = "{\"topic\":\"record\",\"action\":\"read\",\"recordName\":\"a\"}";

    assertThat(textOf(reader.read("{\"body\":[" + good + "," + item + "]}")))
        .contains("Failed to parse JIF object at index 1");
  }

  @Test
  void loginDataComesBeforeATokenAndNothingIsAllowed() {
    String body = ",\"body\":[{\"topic\":\"presence\",\"action\":\"query\"}]}";

    assertThat(valid("{\"authData\":{\"a\":1},\"token\":\"t\"" + body).authData())
        .hasToString("{\"a\":1}");
    assertThat(valid("{\"token\":\"t\"" + body).authData()).hasToString("{\"token\":\"t\"}");
    assertThat(valid("{\"x\":1" + body).authData()).hasToString("{}");
  }

  @Test
  void loginDataIsRefusedWhereItIsNotAllowed() {
    String body = "{\"authData\":{},\"body\":[{\"topic\":\"presence\",\"action\":\"query\"}]}";

    assertThat(textOf(new BatchReader(false).read(body))).contains("authData");
  }
}
