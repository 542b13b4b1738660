package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigLoader;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class KeptProgressTest {
  private final InMemoryProgressStore store = new InMemoryProgressStore();
  private final KeptProgress progress =
      new KeptProgress(
          ConfigLoader.parse(
                  """
                  kafka:
                    bootstrapServers: nowhere:1
                    sources:
                      - { name: seats, topics: [sold], record: "{key}" }
                      - { name: venues, topics: [sold, v.1], group: mine, record: "{key}" }
                  """)
              .kafka(),
          store);

  @Test
  void isFoundByWhatRecordsCallAPartition() {
    store.save(Map.of("millrace-seats/sold/0", 7L, "mine/sold/0", 3L, "mine/v.1#2/11", 5L));

    assertThat(
            progress.next(
                Set.of("seats:sold/0", "venues:sold/0", "venues:v.1#2/11", "venues:v.1/11")))
        .isEqualTo(Map.of("seats:sold/0", 7L, "venues:sold/0", 3L, "venues:v.1#2/11", 5L));
  }

  @Test
  void isUnknownWhereNoSourceIsToldOf() {
    store.save(Map.of("millrace-gone/sold/0", 7L, "sold/0", 9L));

    assertThat(progress.next(Set.of("gone:sold/0", "sold/0"))).isEmpty();
  }

  /** As {@code ConsumerSession} saves it and names it in positions. */
  @Test
  void isWhatAConsumerSaves() {
    StoredProgress saving = ofSeats();
    TopicPartition partition = new TopicPartition("sold", 4);
    saving.use(each -> each.topic() + "#1/" + each.partition());
    saving.save(Map.of(partition, 12L));

    assertThat(progress.next(Set.of("seats:sold#1/4"))).isEqualTo(Map.of("seats:sold#1/4", 12L));
  }

  @Test
  void ofAnotherMemberIsSeenAndNotMistakenForItsOwn() {
    StoredProgress one = ofSeats();
    StoredProgress other = ofSeats();
    TopicPartition mine = new TopicPartition("sold", 1);
    TopicPartition shared = new TopicPartition("sold", 2);
    one.save(Map.of(mine, 3L));
    other.load(Set.of(shared));
    other.save(Map.of(shared, 4L));

    assertThat(one.overtaken(Set.of(mine, shared))).containsExactly(shared);
    assertThat(other.overtaken(Set.of(shared))).isEmpty();
    one.load(Set.of(shared));
    assertThat(one.overtaken(Set.of(mine, shared))).isEmpty();
    other.save(Map.of(shared, 5L));
    assertThat(one.overtaken(Set.of(mine, shared))).containsExactly(shared);
  }

  private StoredProgress ofSeats() {
    StoredProgress member =
        new StoredProgress(
            ConfigLoader.parse(
                    """
                    kafka:
                      bootstrapServers: nowhere:1
                      sources: [{ name: seats, topics: [sold], record: "{key}" }]
                    """)
                .kafka()
                .sources()
                .getFirst(),
            store);
    member.use(each -> each.topic() + "/" + each.partition());
    return member;
  }
}
