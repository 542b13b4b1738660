package io.millrace.server.cluster;

/** Why a stream to another node has ended. */
public enum StreamEnd {
  /** The socket was closed by the other end or broke. */
  CLOSED,
  /** Nothing was heard for too long. */
  SILENT,
  /** More waited to be sent than may wait. */
  FULL,
  /** What came, or was to be sent, does not follow the format. */
  FAULT,
  /** The node is not a member any more. */
  MEMBER_LEFT,
  /** The node has begun another stream. */
  REPLACED,
  /** This node stops. */
  STOPPED
}
