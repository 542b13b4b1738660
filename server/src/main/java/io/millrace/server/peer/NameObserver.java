package io.millrace.server.peer;

/** Learns which names other nodes have. Called on the name's home loop. */
public interface NameObserver {

  /** For those who only ask. */
  NameObserver NONE =
      new NameObserver() {
        @Override
        public void appeared(String name) {}

        @Override
        public void disappeared(String name) {}
      };

  /** A first other node has the name. */
  void appeared(String name);

  /** The last of the other nodes that had the name has it no more. */
  void disappeared(String name);
}
