package io.millrace.server.config;

import java.util.List;

/** Everything a server is told at its start; one component per top-level key of the file. */
public record MillraceConfig(
    ServerConfig server,
    AdminConfig admin,
    WebSocketConfig websocket,
    HttpConfig http,
    List<AuthConfig> auth,
    PermissionConfig permission,
    RecordConfig record,
    RpcConfig rpc,
    ListenConfig listen,
    ClusterConfig cluster,
    StorageConfig storage,
    KafkaConfig kafka,
    TracingConfig tracing,
    ProtectionConfig protection)
    implements Checked {
  public MillraceConfig {
    auth = List.copyOf(auth);
  }

  @Override
  public void check(Checks checks) {
    checks.notEmpty("auth", auth);
    for (int i = 0; i < auth.size() - 1; i++) {
      checks.require(
          !(auth.get(i) instanceof AuthConfig.None),
          "auth",
          "type none lets everyone in, so the entries after it are never asked; put it last");
    }
    checks.require(
        !cluster.enabled() || storage.type() != StorageConfig.Type.SQLITE,
        "storage.type",
        "sqlite is a file of one node; a cluster needs postgres, or none");
    for (WebSocketConfig.Endpoint endpoint : websocket.endpoints()) {
      checks.require(
          !endpoint.path().equals(http.path()) && !endpoint.path().equals(http.authPath()),
          "websocket.endpoints",
          Scalars.quote(endpoint.path()) + " is already the path of http.path or http.authPath");
    }
  }
}
