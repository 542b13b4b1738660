package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFaultsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // values of the wrong type
        "websocket: { heartbeatInterval: abc }| x.yml:1: websocket.heartbeatInterval: \"abc\" is"
            + " not a duration; write 500ms, 30s, 5m or 2h",
        "rpc: { ackTimeout: 9000h } | rpc.ackTimeout: \"9000h\" is too long; at most 8760h",
        "record: { maxSize: 1MB } | record.maxSize: \"1MB\" is not a size; write 1048576, 512KiB,"
            + " 1MiB or 2GiB",
        "record: { maxSize: 99999999999GiB } | record.maxSize: \"99999999999GiB\" is too large",
        "server: { port: http } | server.port: \"http\" is not a whole number",
        "server: { port: 99999999999 } | server.port: \"99999999999\" is not a whole number",
        "http: { allowAuthData: yes } | http.allowAuthData: \"yes\" is not a switch; write true or"
            + " false",
        "storage: { type: oracle } | storage.type: \"oracle\" is not allowed; allowed: none,"
            + " sqlite",
        "auth: [{ type: ldap }] | auth[0].type: \"ldap\" is not allowed; allowed: none, file, jwt,"
            + " http",
        "auth: [{ users: u.yml }] | x.yml:1: auth[0].type: must be one of: none, file, jwt, http",
        "auth: [{ type: [file] }] | auth[0].type: must be one of: none, file, jwt, http",
        "auth: [file] | auth[0].type: must be one of: none, file, jwt, http",
        "permission: { type: closed } | permission.type: \"closed\" is not allowed; allowed: open,"
            + " config",
        "server: { port: [1] } | server.port: must be a single value",
        "server: 6020 | server: must hold keys: name, host, port, publicUrl, tls",
        "record: { hotPathPrefixes: a } | record.hotPathPrefixes: must be a list",
        "record: { hotPathPrefixes: [a, ] , maxSize: } | ``",
        "record: { hotPathPrefixes: [''] } | record.hotPathPrefixes[0]: is empty",
        "kafka: { properties: 5 } | kafka.properties: must hold keys with values",
        "kafka: { properties: { a: [b] } } | kafka.properties.a: must be a single value",
        // keys
        "websocket: { heartbeatIntervall: 1s } | websocket.heartbeatIntervall: is not a known key;"
            + " did you mean heartbeatInterval?",
        "server: { hots: a } | server.hots: is not a known key; did you mean host?",
        "port: 1 | port: is not a known key here; did you mean server.port",
        "auth: [{ type: none, usr: a }] | auth[0].usr: is not a known key; allowed are type",
        "auth: [{ type: none, users: a }] | auth[0].users: is a key of type file and not of none;"
            + " allowed are type",
        "auth: [{ type: file, user: a }] | auth[0].user: is not a known key; did you mean users?",
        "server: { port: 1, port: 2 } | server.port: is given twice",
        // the file
        "- 1 | x.yml:1: does not hold keys",
        "server: [ | x.yml:1: is not YAML: ",
        "{ server: &s { port: 1 }, http: *s } | x.yml:1: http: is a YAML alias; write the value"
            + " itself",
        // ranges
        "server: { port: 65536 } | server.port: 65536 is out of range; allowed are 0 to 65535",
        "server: { port: -1 } | server.port: -1 is out of range",
        "cluster: { port: 0 } | cluster.port: 0 is out of range; allowed are 1 to 65535",
        "cluster: { backups: 7 } | cluster.backups: 7 is out of range; allowed are 0 to 6",
        "cluster: { minSize: 0 } | cluster.minSize: 0 is too small; at least 1",
        "websocket: { maxAuthAttempts: 0 } | websocket.maxAuthAttempts: 0 is too small; at least 1",
        "websocket: { heartbeatInterval: 0s } | websocket.heartbeatInterval: must be longer than"
            + " 0s",
        "websocket: { maxMessageSize: 2GiB } | websocket.maxMessageSize: 2GiB is out of range;"
            + " allowed are 1 to 1GiB",
        "websocket: { endpoints: [] } | websocket.endpoints: must have at least one entry",
        "auth: [] | auth: must have at least one entry",
        "rpc: { responseTimeout: 0s } | rpc.responseTimeout: must be longer than 0s",
        "listen: { rematchInterval: 0s } | listen.rematchInterval: must be longer than 0s",
        "http: { path: api } | http.path: \"api\" is not a path; write for example /api",
        // what does not go together
        "http: { path: /api/auth } | http.authPath: must not be the same as http.path",
        "http: { cors: { origins: ['https://a.example'] } } | http.cors.allowAllOrigins: must be"
            + " false",
        "http: { cors: { allowAllOrigins: false, origins: [a] } } | http.cors.origins: \"a\" is not"
            + " an origin",
        "server: { tls: { certificate: a.pem } } | server.tls.key: is needed when there is a"
            + " certificate",
        "server: { tls: { key: a.pem } } | server.tls.certificate: is needed when there is a key",
        "websocket: { endpoints: [{ path: /api, format: binary }] } | websocket.endpoints: \"/api\""
            + " is already the path of",
        "websocket: { endpoints: [{ path: /a, format: binary }, { path: /a, format: binary }] }"
            + "| websocket.endpoints: two entries have the path \"/a\"",
        "websocket: { endpoints: [{ path: /a }] } | websocket.endpoints[0].format: is missing",
        // what this version does not do
        "server: { tls: { certificate: a, key: b } } | server.tls.certificate: this version does"
            + " not serve TLS",
        "storage: { type: postgres } | storage.url: is needed by storage.type postgres",
        "storage: { type: postgres, url: 'mysql://a/b' } | storage.url: is not the URL of a",
        "storage: { type: postgres, url: 'jdbc:postgresql://a/b?a=1&password=c' } | storage.url:"
            + " must not hold user or password",
        "storage: { type: postgres, url: 'jdbc:postgresql://a/b?sslmode=require' } | ``",
        "storage: { connectTimeout: 2h } | storage.connectTimeout: is too long; at most 1h",
        "cluster: { enabled: true } | storage.type: sqlite is a file of one node",
        "cluster: { tls: { certificate: a, key: b } } | cluster.tls.trusted: is needed:"
            + " certificate, key and trusted go together",
        "cluster: { tls: { trusted: a } } | cluster.tls.key: is needed: certificate, key and"
            + " trusted go together",
        "tracing: { endpoint: 'collector:4318' } | tracing.endpoint: is not a URL",
        "tracing: { endpoint: 'http://me:pw@c' } | tracing.endpoint: must hold neither a user nor a"
            + " query",
        "tracing: { endpoint: 'http://c?key=a' } | tracing.endpoint: must hold neither a user nor a"
            + " query",
        "tracing: { headers: { 'a b': c } } | tracing.headers: \"a b\" is not a header",
        "tracing: { headers: { Host: c } } | tracing.headers: \"Host\" is not a header",
        "tracing: { headers: { a: 'ä' } } | tracing.headers: the value of \"a\" must be printable",
        "tracing: { headers: { authorization: 'Bearer x=' } } | ``",
        "tracing: { sampling: 1.01 } | tracing.sampling: is out of range; allowed are 0 to 1",
        "tracing: { sampling: -0.1 } | tracing.sampling: is out of range; allowed are 0 to 1",
        "tracing: { sampling: 1% } | tracing.sampling: \"1%\" is not a number; write 0, 0.01 or 1",
        "tracing: { sampling: NaN } | tracing.sampling: \"NaN\" is not a number",
        "tracing: { sampling: 0.5, timeout: 1s, enabled: true } | ``",
        "tracing: { timeout: 0s } | tracing.timeout: must be longer than 0s",
        "cluster: { heartbeatTimeout: 1s } | cluster.heartbeatTimeout: must be at least 2s",
        "protection: { maxConnections: 5 } | protection.maxConnections: this version has no such"
            + " limit",
        "protection: { rate: { messages: 5 } } | protection.rate.messages: this version has no such"
            + " limit",
      })
  void aFaultSaysWhereItIsAndWhatIsAllowed(String yaml, String expected) {
    List<String> faults = faultsOf(yaml);

    if (expected.isEmpty()) {
      assertThat(faults).isEmpty();
    } else {
      assertThat(faults).anySatisfy(fault -> assertThat(fault).contains(expected));
      assertThat(faults).allSatisfy(fault -> assertThat(fault).startsWith("x.yml").hasLineCount(1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "record: r, topics: [t] | kafka.sources[0].name: is missing",
        "name: a, topics: [t] | kafka.sources[0].record: is missing",
        "name: a, record: r | kafka.sources[0].topics: must have at least one entry",
        "name: a, topics: [], record: r | kafka.sources[0].topics: must have at least one entry",
        "name: a b, topics: [t], record: r | kafka.sources[0].name: may only have letters",
        "name: a, topics: [t/u], record: r | kafka.sources[0].topics: may only have letters",
        "name: a, topics: [t], record: r, deadLetterTopic: '!' | kafka.sources[0].deadLetterTopic:"
            + " may only",
        "name: a, topics: [t], record: 'v/{kay}' | kafka.sources[0].record: \"v/{kay}\" has an"
            + " unknown placeholder",
        "name: a, topics: [t], record: 'v/{key' | kafka.sources[0].record: \"v/{key\" has a"
            + " brace without its partner",
        "name: a, topics: [t], record: r, operation: put | kafka.sources[0].operation: \"put\" is"
            + " not allowed; allowed: set, patch,",
        "name: a, topics: [t], record: r, operation: patch | kafka.sources[0].path: is needed by"
            + " operation patch",
        "name: a, topics: [t], record: 'v/{timestamp:fff}' | kafka.sources[0].record:"
            + " \"v/{timestamp:fff}\" has an unknown placeholder {timestamp:fff}; allowed, each in"
            + " braces: key, key.FIELD, header.NAME, payload.FIELD",
        "name: a, topics: [t], record: 'v/{payload.__proto__}' | has an unknown placeholder",
        "name: a, topics: [t], record: 'v/{item.a}' | kafka.sources[0].record: \"item.a\" needs the"
            + " key each",
        "name: a, topics: [t], record: 'v/{row.a}' | kafka.sources[0].record: \"row.a\" needs"
            + " envelope debezium or flattened",
        "name: a, topics: [t], record: '' | kafka.sources[0].record: is missing",
        "name: a, topics: [t], record: r, each: items | kafka.sources[0].each: \"items\" is no"
            + " place; allowed: payload, alone or with .FIELD",
        "name: a, topics: [t], record: r, data: header.x | kafka.sources[0].data: \"header.x\" is"
            + " no place; allowed: item, payload, row",
        "name: a, topics: [t], record: r, sequence: '{seq}' | kafka.sources[0].sequence:",
        "name: a, topics: [t], record: r, path: a | kafka.sources[0].path: is not used by operation"
            + " set",
        "name: a, topics: [t], record: r, envelope: native, data: payload.a |"
            + " kafka.sources[0].data: has no meaning with envelope native",
        "name: a, topics: [t], record: r, envelope: debezium, each: payload.a |"
            + " kafka.sources[0].each: has no meaning with envelope debezium",
        "name: a, topics: [t], record: r, envelope: debezium, operation: delete |"
            + " kafka.sources[0].operation: \"delete\" is not allowed; allowed: set, patch, merge",
        "name: a, topics: [t], record: r, envelope: cdc | kafka.sources[0].envelope: \"cdc\" is not"
            + " allowed; allowed: none, native, debezium, flattened",
        "name: a, topics: [t], record: r, filter: [{ field: type, in: [A] }] |"
            + " kafka.sources[0].filter[0].field: \"type\" is no field; allowed: key,",
        "name: a, topics: [t], record: r, filter: [{ field: payload.type }] |"
            + " kafka.sources[0].filter[0].field: has no condition; give one of equals, in,",
        "name: a, topics: [t], record: r, filter: [{ field: item.a, exists: true }] |"
            + " kafka.sources[0].filter: \"item.a\" needs the key each",
        "name: a, topics: [t], record: r, startFrom: soon | kafka.sources[0].startFrom: \"soon\" is"
            + " not allowed; allowed: earliest, latest",
        "name: a, topics: [t], record: r, maxInFlight: 0 | kafka.sources[0].maxInFlight: 0 is too"
            + " small; at least 1",
      })
  void aFaultySourceSaysWhy(String source, String expected) {
    assertThat(faultsOf("kafka: { bootstrapServers: b, sources: [{ %s }] }".formatted(source)))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type: file | auth[0].users: is missing",
        "type: file, users: u, reportInvalidParameters: maybe | auth[0].reportInvalidParameters:"
            + " \"maybe\" is not a switch",
        "type: file, users: u, pbkdf2: { digest: md5, iterations: 100 } | auth[0].pbkdf2.keyLength:"
            + " is missing",
        "type: file, users: u, pbkdf2: { digest: md4, iterations: 1, keyLength: 32 } |"
            + " auth[0].pbkdf2.digest: \"md4\" is not allowed; allowed: md5, sha1, sha256, sha512",
        "type: file, users: u, pbkdf2: { digest: md5, iterations: 0, keyLength: 32 } |"
            + " auth[0].pbkdf2.iterations: 0 is out of range",
        "type: jwt | auth[0].key: is needed by type jwt, or else jwks",
        "type: jwt, key: a, jwks: 'https://b/c' | auth[0].jwks: must not be given beside key",
        "type: jwt, jwks: b.json | auth[0].jwks: is not a URL; write for example https://",
        "type: jwt, key: a, leeway: 1h | auth[0].leeway: is too long; at most 5m",
        "type: http | auth[0].endpointUrl: is missing",
        "type: http, endpointUrl: 'ftp://hunter2@a/' | auth[0].endpointUrl: is not a URL",
        "type: http, endpointUrl: 'http://a/', permittedStatusCodes: [] |"
            + " auth[0].permittedStatusCodes: must have at least one entry",
        "type: http, endpointUrl: 'http://a/', permittedStatusCodes: [2] |"
            + " auth[0].permittedStatusCodes: 2 is out of range; allowed are 100 to 599",
        "type: http, endpointUrl: 'http://a/', retryStatusCodes: [x] | auth[0].retryStatusCodes[0]:"
            + " \"x\" is not a whole number",
        "type: http, endpointUrl: 'http://a/', retryAttempts: -1 | auth[0].retryAttempts: -1 is out"
            + " of range",
        "type: http, endpointUrl: 'http://a/', requestTimeout: 0s | auth[0].requestTimeout: must be"
            + " longer than 0s",
        "type: http, endpointUrl: 'http://a/', promoteToHeader: [Host] | auth[0].promoteToHeader:"
            + " \"Host\" cannot be the name of a header here",
      })
  void aFaultyWayToLogInSaysWhy(String entry, String expected) {
    assertThat(faultsOf("auth: [{ %s }]".formatted(entry)))
        .anySatisfy(fault -> assertThat(fault).contains(expected))
        .noneMatch(fault -> fault.contains("hunter2"));
  }

  @Test
  void whatStandsBehindAnOpenDoorIsAFault() {
    assertThat(faultsOf("auth: [{ type: none }, { type: file, users: u }]"))
        .singleElement()
        .asString()
        .contains("auth: type none lets everyone in, so the entries after it are never asked");
    assertThat(faultsOf("auth: [{ type: file, users: u }, { type: none }]")).isEmpty();
  }

  @Test
  void sourcesNeedABrokerAndNamesOfTheirOwn() {
    assertThat(
            faultsOf(
                """
                kafka:
                  sources:
                    - { name: a, topics: [t], record: "v/{key}" }
                    - { name: a, topics: [t], record: "v/{payload.a.b}{header.h}{topic}{partition}" }
                """))
        .containsExactly(
            "x.yml:3: kafka.sources: two entries have the name \"a\"",
            "x.yml: kafka.bootstrapServers: is needed by kafka.sources;"
                + " write for example localhost:9092");
  }

  @Test
  void changelogsHaveTopicsThatGetNothingElse() {
    String yaml =
        """
        kafka:
          bootstrapServers: b
          sources: [{ name: in, topics: [t, u], record: r, %s }]
          changelog: [%s]
        """;
    assertThat(faultsOf(yaml.formatted("", "{ name: a, topic: x }, { name: b, topic: x }")))
        .containsExactly("x.yml:4: kafka.changelog: two entries have the topic \"x\"");
    assertThat(faultsOf(yaml.formatted("deadLetterTopic: x", "{ name: a, topic: x }")))
        .containsExactly(
            "x.yml:4: kafka.changelog: topic x is the dead-letter topic of source in; write"
                + " another one");
    assertThat(faultsOf(yaml.formatted("", "{ name: a, topic: u.dlq }")))
        .containsExactly(
            "x.yml:4: kafka.changelog: topic u.dlq is the dead-letter topic of source in; write"
                + " another one");
    assertThat(faultsOf(yaml.formatted("deadLetterTopic: x", "{ name: a, topic: u.dlq }")))
        .isEmpty();
    assertThat(
            faultsOf(
                yaml.formatted(
                    "", "{ name: a, topic: t }, { name: b, topic: u, content: deltas }")))
        .isEmpty();
    assertThat(
            faultsOf(yaml.formatted("", "{ name: a, topic: x, content: deltas, warmStart: true }")))
        .singleElement()
        .asString()
        .contains("kafka.changelog[0].warmStart: needs content: state");
  }

  @Test
  void formatsWithSchemasNeedARegistry() {
    String source = "{ name: a, topics: [t], record: r, %s }";
    for (String format : List.of("format: avro", "keyFormat: protobuf")) {
      assertThat(
              faultsOf(
                  "kafka: { bootstrapServers: b, sources: [" + source.formatted(format) + "] }"))
          .containsExactly(
              "x.yml: kafka.schemaRegistry.urls: is needed by sources of format avro or protobuf;"
                  + " write for example [http://registry:8081]");
    }
    assertThat(
            faultsOf(
                "kafka: { bootstrapServers: b, sources: ["
                    + source.formatted("format: json-schema, toJson: { decimals: number }")
                    + "] }"))
        .isEmpty();
    assertThat(faultsOf("kafka: { sources: [" + source.formatted("format: xml") + "] }"))
        .anyMatch(fault -> fault.endsWith("allowed: text, json, avro, protobuf, json-schema"));
  }

  @Test
  void theRegistryIsAddressedWithoutSecretsAndByOneKindOfThem() {
    for (String url : List.of("ftp://a", "https://me:secret@a", "https://a?token=secret")) {
      assertThat(faultsOf("kafka: { schemaRegistry: { urls: ['" + url + "'] } }"))
          .singleElement()
          .asString()
          .startsWith("x.yml:1: kafka.schemaRegistry.urls: ")
          .doesNotContain("secret");
    }
    assertThat(
            faultsOf(
                "kafka: { schemaRegistry: { user: me, bearerToken: secret, requestTimeout: 0s } }"))
        .extracting(fault -> fault.replaceAll("^x.yml:?[0-9]*: ([^:]+): .*", "$1"))
        .containsExactlyInAnyOrder(
            "kafka.schemaRegistry.password",
            "kafka.schemaRegistry.bearerToken",
            "kafka.schemaRegistry.requestTimeout");
  }

  @Test
  void allFaultsAreReportedInTheOrderOfTheFile() {
    assertThat(
            faultsOf(
                """
                server:
                  port: 70000
                  hots: x
                websocket:
                  heartbeatInterval: abc
                  maxAuthAttempts: 0
                record: { maxSize: "${SIZE}" }
                """))
        .extracting(fault -> fault.replaceAll("^x.yml:(\\d+): ([^:]+): .*", "$1 $2"))
        .containsExactly(
            "2 server.port",
            "3 server.hots",
            "5 websocket.heartbeatInterval",
            "6 websocket.maxAuthAttempts",
            "7 record.maxSize");
  }

  @Test
  void aSyntaxErrorDoesNotPrintTheLinesAroundIt() {
    assertThat(faultsOf("kafka:\n  properties: { sasl.password: hunter2, [\n"))
        .isNotEmpty()
        .noneMatch(fault -> fault.contains("hunter2"));
  }

  @Test
  void textWithFaultsIsRefusedWithAllOfThem() {
    assertThatThrownBy(() -> ConfigLoader.parse("server: { port: x, name: [] }"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("configuration:1: server.port: ")
        .hasMessageContaining("configuration:1: server.name: ");
  }

  private static List<String> faultsOf(String yaml) {
    return switch (ConfigLoader.read("x.yml", yaml, Map.of())) {
      case ConfigResult.Loaded loaded -> List.of();
      case ConfigResult.Faulty(var faults) -> faults.stream().map(ConfigFault::toString).toList();
    };
  }
}
