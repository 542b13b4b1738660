package io.millrace.server.transport;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The event loops of this node. */
public record EventLoops(List<EventLoop> all) {
  public EventLoops {
    all = List.copyOf(all);
  }

  public int count() {
    return all.size();
  }

  public EventLoop get(int index) {
    return all.get(index);
  }

  /**
   * The loop that the caller runs on.
   *
   * @throws IllegalStateException if that is none of these
   */
  public EventLoop current() {
    for (EventLoop loop : all) {
      if (loop.inLoop()) {
        return loop;
      }
    }
    throw new IllegalStateException("not on an event loop");
  }

  /** The loop that owns this node's part in whatever has the name. */
  public EventLoop home(String name) {
    int hash = name.hashCode();
    return all.get(Math.floorMod(hash ^ (hash >>> 16), all.size()));
  }

  /**
   * Has the home loop of each name take the step for it, one task for each loop, and then calls
   * back. The tasks come after all that was handed to these loops before.
   *
   * @param own the caller's loop, on which {@code done} is run; at once when there are no names
   */
  public void atHomes(
      Collection<String> names, EventLoop own, BiConsumer<EventLoop, String> step, Runnable done) {
    atHomes(names, own, step, (home, end) -> end.run(), done);
  }

  /**
   * As the other one, but each home loop ends in its own time.
   *
   * @param last is called once on each home loop, after its steps; runs what it is given, on that
   *     loop, when it has done its part
   */
  public void atHomes(
      Collection<String> names,
      EventLoop own,
      BiConsumer<EventLoop, String> step,
      BiConsumer<EventLoop, Runnable> last,
      Runnable done) {
    Map<EventLoop, List<String>> byHome = new LinkedHashMap<>();
    for (String name : names) {
      byHome.computeIfAbsent(home(name), unknown -> new ArrayList<>()).add(name);
    }
    onEach(
        byHome.keySet(),
        own,
        (loop, end) -> {
          byHome.getOrDefault(loop, List.of()).forEach(name -> step.accept(loop, name));
          last.accept(loop, end);
        },
        done);
  }

  /** As {@link #atHomes}, but every loop takes the step once. */
  public void onAll(EventLoop own, Consumer<EventLoop> step, Runnable done) {
    onEach(
        all,
        own,
        (loop, end) -> {
          step.accept(loop);
          end.run();
        },
        done);
  }

  private static void onEach(
      Collection<EventLoop> loops,
      EventLoop own,
      BiConsumer<EventLoop, Runnable> step,
      Runnable done) {
    if (loops.isEmpty()) {
      done.run();
      return;
    }
    int[] open = {loops.size()};
    for (EventLoop loop : loops) {
      // Queued, also on the caller's own: what it has just read from a socket must not overtake
      // what others have handed to that loop before, and have told their clients.
      loop.execute(
          () ->
              step.accept(
                  loop,
                  () ->
                      own.run(
                          () -> {
                            open[0]--;
                            if (open[0] == 0) {
                              done.run();
                            }
                          })));
    }
  }
}
