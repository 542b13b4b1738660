package io.millrace.protocol.codec;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;

/** The codecs, for tests of what holds in each of them. */
enum Syntax {
  BINARY {
    @Override
    DecodeResult<ClientMessage> trip(ClientMessage message) {
      return BinaryCodec.decodeClient(BinaryCodec.encode(message));
    }

    @Override
    DecodeResult<ServerMessage> trip(ServerMessage message) {
      return BinaryCodec.decodeServer(BinaryCodec.encode(message));
    }
  },
  JSON {
    @Override
    DecodeResult<ClientMessage> trip(ClientMessage message) {
      return JsonCodec.decodeClient(JsonCodec.encode(message));
    }

    @Override
    DecodeResult<ServerMessage> trip(ServerMessage message) {
      return JsonCodec.decodeServer(JsonCodec.encode(message));
    }
  },
  /** What a client of the JSON endpoint gets of a message that was encoded for all. */
  JSON_FROM_BINARY {
    @Override
    DecodeResult<ClientMessage> trip(ClientMessage message) {
      return JsonCodec.decodeClient(JsonCodec.fromBinary(BinaryCodec.encode(message)));
    }

    @Override
    DecodeResult<ServerMessage> trip(ServerMessage message) {
      return JsonCodec.decodeServer(JsonCodec.fromBinary(BinaryCodec.encode(message)));
    }
  };

  /** Encoded and decoded again. */
  abstract DecodeResult<ClientMessage> trip(ClientMessage message);

  abstract DecodeResult<ServerMessage> trip(ServerMessage message);
}
