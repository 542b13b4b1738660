package io.millrace.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What headers say is what is passed on. */
final class ContextsTest {
  private static final String PARENT = "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01";

  private static Map<String, String> passedOn(Map<String, String> headers) {
    TraceContext context = Contexts.read(headers::get);
    Map<String, String> out = new HashMap<>();
    if (context != null) {
      Contexts.write(context, out::put);
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PARENT,
        "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-00",
        "00-00000000000000010000000000000000-0000000000000001-01",
        "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01"
      })
  void aParentIsPassedOnAsItCame(String parent) {
    assertThat(passedOn(Map.of("traceparent", parent)))
        .containsExactly(Map.entry("traceparent", parent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1",
        "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-zz",
        "00-80F198EE56343BA864FE8B2A57D3EFF7-e457b5a2e4d86bd1-01",
        "00-00000000000000000000000000000000-e457b5a2e4d86bd1-01",
        "00-80f198ee56343ba864fe8b2a57d3eff7-0000000000000000-01",
        "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01-x",
        "ff-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01"
      })
  void whatIsNoParentIsAsIfItWereNotThere(String parent) {
    assertThat(Contexts.read(Map.of("traceparent", parent)::get)).isNull();
  }

  @Test
  void theStateIsPassedOn() {
    Map<String, String> headers = Map.of("traceparent", PARENT, "tracestate", "a=1,b@c=x:y");

    assertThat(passedOn(headers)).isEqualTo(headers);
  }

  @Test
  void aStateThatIsNoneOrTooLongIsLeftOut() {
    for (String state : new String[] {"=", "a=" + "x".repeat(200) + ",b=" + "y".repeat(400), ""}) {
      assertThat(passedOn(Map.of("traceparent", PARENT, "tracestate", state)))
          .as(state)
          .containsOnlyKeys("traceparent");
    }
  }

  @Test
  void noHeadersAreNoContext() {
    assertThat(Contexts.read(name -> null)).isNull();
    assertThat(Contexts.read(Map.of("tracestate", "a=1")::get)).isNull();
  }

  @Test
  void theFlagSaysWhetherSpansAreRecorded() {
    TraceContext sampled = Contexts.read(Map.of("traceparent", PARENT)::get);
    TraceContext not = Contexts.read(Map.of("traceparent", PARENT.replace("-01", "-00"))::get);

    assertThat(sampled).isNotNull().matches(TraceContext::isSampled);
    assertThat(not).isNotNull().matches(context -> !context.isSampled());
  }
}
