package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** From a delta in Kafka to a pixel in a browser, with everything real between. */
class SeatMapBrowserIT {
  private static final Section SECTION = Venue.SECTIONS.get(0);
  private static final String SEAT = "3-12";
  private static final int HOST = 1;
  private static final String AVAILABLE = "#2fd6b5";
  private static final String SOLD = "#465066";

  private static final WebPage PAGE = WebPage.ofThisCheckout();

  @BeforeAll
  static void buildPage() throws Exception {
    Chromium.require();
    PAGE.install();
    if (!PAGE.isBuilt()) {
      PAGE.build();
    }
  }

  @Test
  void seatChangesColourWhenADeltaIsProduced() throws Exception {
    try (Backstage backstage = Backstage.openKafka()) {
      int port = backstage.openServer(0, Optional.of(PAGE.built()));
      try (var producer = producer(backstage);
          var browser = watch(port, "seat-map.png")) {
        produce(producer, SeatMessages.opening(SECTION, HOST));
        JsonNode before = browser.await("an available seat", is("available"));
        assertThat(before.path("following").asInt())
            .as("zoomed in, only the sections on screen are followed")
            .isBetween(1, Venue.SECTIONS.size() / 2);

        produce(producer, sold());

        JsonNode after = browser.await("a sold seat", is("sold"));
        assertThat(after.path("painted").asText()).as("on the canvas").isEqualTo(SOLD);
        assertThat(browser.colourOnScreen(after)).as("on the screenshot").isEqualTo(SOLD);
        assertThat(browser.end()).as("no errors in the page").isTrue();
      }
    }
  }

  @Test
  void pageSaysThatItIsDisconnectedAndCatchesUp() throws Exception {
    try (Backstage backstage = Backstage.openKafka()) {
      int port = backstage.openServer(0, Optional.of(PAGE.built()));
      try (var producer = producer(backstage);
          var browser = watch(port, "seat-map-disconnected.png")) {
        produce(producer, SeatMessages.opening(SECTION, HOST));
        browser.await("an available seat", is("available"));

        backstage.closeServer();
        JsonNode alone = browser.await("the banner", seen -> seen.path("banner").asBoolean());
        assertThat(alone.path("state").asText()).isEqualTo("available");
        produce(producer, sold());
        backstage.openServer(port, Optional.of(PAGE.built()));

        JsonNode again = browser.await("a sold seat", is("sold"));
        assertThat(again.path("banner").asBoolean()).isFalse();
        assertThat(browser.end()).as("no errors in the page").isTrue();
      }
    }
  }

  private static SeatWatcher watch(int port, String screenshot) throws Exception {
    return SeatWatcher.open(
        Chromium.require(), PAGE, port, SECTION.id(), SEAT, Path.of("target", screenshot));
  }

  /** What the page knows and what it has painted: they differ for a frame at most. */
  private static Predicate<JsonNode> is(String state) {
    String colour = state.equals("sold") ? SOLD : AVAILABLE;
    return seen ->
        seen.path("state").asText().equals(state)
            && seen.path("painted").asText().equals(colour)
            && seen.path("connection").asText().equals("OPEN");
  }

  private static ProducerRecord<byte[], byte[]> sold() {
    return SeatMessages.change(
        new SeatDelta(SECTION, SEAT, SeatState.SOLD, 2), HOST, EpochMicros.now());
  }

  private static KafkaProducer<byte[], byte[]> producer(Backstage backstage) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", backstage.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static void produce(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> message)
      throws Exception {
    producer.send(message).get();
  }
}
