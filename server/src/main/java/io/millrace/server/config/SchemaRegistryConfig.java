package io.millrace.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the schemas of messages are: a registry that speaks Confluent's REST API.
 *
 * @param urls of the same registry; one that does not answer is followed by the next
 * @param user for basic authentication
 * @param bearerToken sent instead of user and password
 * @param requestTimeout for one request to one address
 * @param unknownSchemaPatience how long a message waits for a schema that the registry does not
 *     know, because one of its replicas may lag behind
 */
public record SchemaRegistryConfig(
    List<String> urls,
    @Nullable String user,
    @Nullable String password,
    @Nullable String bearerToken,
    Tls tls,
    Duration requestTimeout,
    Duration unknownSchemaPatience)
    implements Checked {

  /** No registry. */
  public static final SchemaRegistryConfig NONE =
      new SchemaRegistryConfig(
          List.of(),
          null,
          null,
          null,
          new Tls(null, null, null, null),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));

  public SchemaRegistryConfig {
    urls = List.copyOf(urls);
  }

  /**
   * @param trust certificates that the registry's must descend from: PEM, PKCS12 or JKS; absent:
   *     those of the JDK
   * @param trustPassword of a PKCS12 or JKS file
   * @param identity our own certificate and key for a registry that asks for one: PKCS12 or JKS
   */
  public record Tls(
      @Nullable Path trust,
      @Nullable String trustPassword,
      @Nullable Path identity,
      @Nullable String identityPassword) {}

  @Override
  public void check(Checks checks) {
    for (String url : urls) {
      checks.httpUrl("urls", url);
      checks.require(
          !url.matches(".*://[^/]*@.*") && url.indexOf('?') < 0,
          "urls",
          "must hold neither a user nor a query; user and password have keys of their own");
    }
    checks.require(
        (user == null) == (password == null), "password", "is needed with user, and only then");
    checks.require(
        user == null || bearerToken == null, "bearerToken", "must not be given beside user");
    checks.positive("requestTimeout", requestTimeout);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "SchemaRegistryConfig" + urls;
  }
}
