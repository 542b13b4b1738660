package io.millrace.server.listen;

/**
 * What nodes say to each other about listening. A listener is a number that its node has given to
 * one LISTEN, and never gives again.
 *
 * <p>Interests and claims are numbered each time they are said, and answers name the number: an
 * answer to what was said before means nothing, so it does not matter what crosses on the way.
 */
sealed interface ListenMessage {

  /** To the node that coordinates the name. */
  sealed interface ToCoordinator extends ListenMessage {
    String name();
  }

  /** From the node that coordinates the name, to one with a subscriber or listener. */
  sealed interface FromCoordinator extends ListenMessage {
    String name();
  }

  /** To every node. */
  sealed interface ToAll extends ListenMessage {}

  /**
   * The node has a subscriber.
   *
   * @param provided what its subscribers were told last
   * @param again this was said before, maybe to another coordinator
   */
  record Wanted(String name, long number, boolean provided, boolean again)
      implements ToCoordinator {}

  /**
   * @param moved the node still has a subscriber, but says so to another coordinator
   */
  record Unwanted(String name, boolean moved) implements ToCoordinator {}

  /**
   * The listener has accepted, and provides the name unless it hears otherwise.
   *
   * @param again it had done so for another coordinator, or the coordinator may have forgotten
   */
  record Claimed(String name, long listener, long number, boolean again) implements ToCoordinator {}

  /** The claim is said to another coordinator from now on. */
  record Unclaimed(String name, long listener) implements ToCoordinator {}

  /** The listener does not want to provide the name, or no longer. */
  record Refused(String name, long listener) implements ToCoordinator {}

  /** Whether the name has a provider now. */
  record Provided(String name, long number, boolean provided) implements FromCoordinator {}

  record Found(String name, long listener) implements FromCoordinator {}

  /**
   * @param number of the claim that is void; 0: the listener was asked in vain
   */
  record Removed(String name, long listener, long number) implements FromCoordinator {}

  record TimedOut(String name, long listener) implements FromCoordinator {}

  record PatternAdded(long listener, String pattern) implements ToAll {}

  record PatternRemoved(long listener) implements ToAll {}

  /** What was said to the node may be lost: it wants to hear again what it is to know. */
  record SayAgain() implements ToAll {}
}
