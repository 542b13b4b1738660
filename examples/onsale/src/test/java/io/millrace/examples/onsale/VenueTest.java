package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VenueTest {

  @Test
  void hasTwentyThousandSeatsInSixtySections() {
    assertThat(Venue.SECTIONS).hasSize(60).extracting(Section::id).doesNotHaveDuplicates();
    assertThat(Venue.SECTIONS.stream().mapToInt(section -> section.seats().size()).sum())
        .isEqualTo(20_000);
  }

  @Test
  void namesSeatsSoThatTheyCanBeAStepOfAJsonPath() {
    for (Section section : Venue.SECTIONS) {
      assertThat(section.seats()).doesNotHaveDuplicates().allMatch(s -> s.matches("\\d+-\\d+"));
    }
  }

  @Test
  void rowsOfATierGrowTowardsTheBack() {
    List<String> upper = Venue.SECTIONS.getLast().seats();

    assertThat(upper).filteredOn(seat -> seat.startsWith("1-")).hasSize(9);
    assertThat(upper).filteredOn(seat -> seat.startsWith("30-")).hasSizeBetween(12, 15);
  }
}
