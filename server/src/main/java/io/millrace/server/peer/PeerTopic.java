package io.millrace.server.peer;

/** The feature that a message between nodes belongs to. The order is part of the links' format. */
public enum PeerTopic {
  RECORD,
  EVENT,
  RPC,
  PRESENCE,
  RECORD_LISTENING,
  EVENT_LISTENING,
  NEIGHBOURS
}
