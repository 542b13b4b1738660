package io.millrace.server.subscription;

/** Port: learns which names somebody has subscribed to. Called on the name's home loop. */
public interface InterestObserver {

  /** For those who do not want to know. */
  InterestObserver NONE =
      new InterestObserver() {
        @Override
        public void first(Interest interest) {}

        @Override
        public void last(String name) {}
      };

  /**
   * The name has its first subscriber.
   *
   * @param interest is told of providers until {@link #last}
   */
  void first(Interest interest);

  /** Nobody is subscribed to the name any more. */
  void last(String name);
}
