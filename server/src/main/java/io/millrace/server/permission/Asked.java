package io.millrace.server.permission;

import io.millrace.protocol.ClientMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A request that needs permission, name by name.
 *
 * @param count how many names; at least one inquiry each
 * @param name of refusals; null when the request names nothing
 * @param inquiry whether it may be done with the name of that index
 * @param rest the request with the names of those indexes only; null for a request with one name,
 *     which is carried out or not
 */
record Asked(
    int count,
    IntFunction<@Nullable String> name,
    IntFunction<Inquiry> inquiry,
    @Nullable Function<List<Integer>, ClientMessage> rest) {

  static Asked one(@Nullable String name, Inquiry inquiry) {
    return new Asked(1, index -> name, index -> inquiry, null);
  }

  /**
   * @param text what refusals call a name
   * @param rest makes the request anew with some of the names
   */
  static <N> Asked many(
      List<N> names,
      Function<N, String> text,
      Function<N, Inquiry> inquiry,
      Function<List<N>, ClientMessage> rest) {
    return new Asked(
        names.size(),
        index -> text.apply(names.get(index)),
        index -> inquiry.apply(names.get(index)),
        kept -> {
          List<N> some = new ArrayList<>(kept.size());
          kept.forEach(index -> some.add(names.get(index)));
          return rest.apply(some);
        });
  }
}
