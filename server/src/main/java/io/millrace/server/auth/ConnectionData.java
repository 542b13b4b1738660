package io.millrace.server.auth;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a login comes from, as a webhook is told (protocol §8.2). Header names in lower case. */
public sealed interface ConnectionData {

  /**
   * A WebSocket.
   *
   * @param remoteAddress of the client, or of the one for whom a proxy speaks
   * @param headers those of the upgrade request; none when no authenticator asks for them
   */
  record Socket(String remoteAddress, Map<String, String> headers) implements ConnectionData {
    public Socket {
      headers = Map.copyOf(headers);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("remoteAddress", remoteAddress);
      json.set("headers", object(headers));
      @Nullable String referer = headers.get("referer");
      return referer == null ? json : json.put("referer", referer);
    }

    @Override
    public String toString() {
      return "Socket[" + remoteAddress + ", " + headers.size() + " headers]";
    }
  }

  /**
   * A request to the HTTP API.
   *
   * @param url the request's target
   */
  record Request(Map<String, String> headers, String url) implements ConnectionData {
    public Request {
      headers = Map.copyOf(headers);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.set("headers", object(headers));
      return json.put("url", url);
    }

    /** Without the values of headers, nor the URL's query: cookies and tokens are among them. */
    @Override
    public String toString() {
      return "Request[" + headers.size() + " headers]";
    }
  }

  ObjectNode toJson();

  private static ObjectNode object(Map<String, String> headers) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    headers.forEach(object::put);
    return object;
  }
}
