package io.millrace.server.config;

import java.util.List;

/** Everything a server is told at its start; one component per top-level key of the file. */
public record MillraceConfig(
    ServerConfig server,
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
    ProtectionConfig protection) {
  public MillraceConfig {
    auth = List.copyOf(auth);
  }
}
