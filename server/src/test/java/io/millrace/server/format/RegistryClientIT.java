package io.millrace.server.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.millrace.server.config.SchemaRegistryConfig;
import io.millrace.server.config.SchemaRegistryConfig.Tls;
import io.millrace.server.format.SchemaFetch.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry may answer, from a web service that answers as it is told. */
class RegistryClientIT {
  private static final String PASSWORD = "no secret";
  private static final Tls NO_TLS = new Tls(null, null, null, null);
  private static final Answer INT = found("\"int\"", Map.of());

  private static final class Service implements AutoCloseable {
    final HttpServer server;
    final Map<String, String> answers = new ConcurrentHashMap<>();
    final List<String> questions = new CopyOnWriteArrayList<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();
    volatile int status = 200;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Service(HttpServer server) throws IOException {
      this.server = server;
      server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
      server.createContext("/", this::handle);
      server.setExecutor(threads);
      server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        String path = exchange.getRequestURI().toString();
        questions.add(path);
        String authorization = exchange.getRequestHeaders().getFirst("authorization");
        authorizations.add(String.valueOf(authorization));
        byte[] body =
            answers.getOrDefault(path, "{\"error_code\": 40403}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("location", "/elsewhere");
        exchange.sendResponseHeaders(
            status != 200 || answers.containsKey(path) ? status : 404, body.length);
        exchange.getResponseBody().write(body);
      }
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }

  @TempDir private Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Service service(HttpServer server) throws IOException {
    Service service = new Service(server);
    service.answers.put("/schemas/ids/1", "{\"schema\": \"\\\"int\\\"\"}");
    opened.add(service);
    return service;
  }

  private Service service() throws IOException {
    return service(HttpServer.create());
  }

  private RegistryClient client(
      @Nullable String user, @Nullable String token, Tls tls, String... urls) {
    RegistryClient client =
        new RegistryClient(
            new SchemaRegistryConfig(
                List.of(urls),
                user,
                user == null ? null : PASSWORD,
                token,
                tls,
                Duration.ofSeconds(60),
                Duration.ZERO));
    opened.add(client);
    return client;
  }

  private RegistryClient client(String... urls) {
    return client(null, null, NO_TLS, urls);
  }

  private static Answer found(String text, Map<String, String> references) {
    return new Answer.Found(new RegisteredSchema("AVRO", text, references));
  }

  @Test
  void credentialsAreSent() throws Exception {
    Service service = service();

    assertThat(client(service.url()).fetch(1)).isEqualTo(INT);
    assertThat(client("me", null, NO_TLS, service.url()).fetch(1)).isEqualTo(INT);
    assertThat(client(null, "abc", NO_TLS, service.url()).fetch(1)).isEqualTo(INT);
    assertThat(service.authorizations)
        .containsExactly(
            "null",
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(("me:" + PASSWORD).getBytes(StandardCharsets.UTF_8)),
            "Bearer abc");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 401, 403, 404, 429, 500, 503})
  void troubleIsNoAnswer(int status) throws Exception {
    Service service = service();
    service.status = status;

    assertThat(client("me", null, NO_TLS, service.url()).fetch(1))
        .isEqualTo(new Answer.Failed(service.url() + ": answered with status " + status));
    assertThat(service.questions).containsExactly("/schemas/ids/1");
  }

  @Test
  void onlyARegistryCanSayThatThereIsNoSchema() throws Exception {
    Service service = service();
    RegistryClient client = client(service.url());

    assertThat(client.fetch(2)).isEqualTo(new Answer.Unknown());
    service.answers.put("/schemas/ids/2", "<html>");
    assertThat(client.fetch(2)).isInstanceOf(Answer.Failed.class);
    service.answers.put("/schemas/ids/2", "{}");
    assertThat(client.fetch(2)).isInstanceOf(Answer.Failed.class);
    service.status = 422;
    assertThat(client.fetch(2)).isEqualTo(new Answer.Unknown());
  }

  @Test
  void anAddressThatFailsIsFollowedByTheNext() throws Exception {
    Service first = service();
    Service second = service();
    RegistryClient client = client(first.url(), second.url());

    assertThat(client.fetch(1)).isEqualTo(INT);
    assertThat(client.fetch(1)).isEqualTo(INT);
    assertThat(second.questions).isEmpty();
    first.server.stop(0);
    assertThat(client.fetch(1)).isEqualTo(INT);
    assertThat(client.fetch(1)).isEqualTo(INT);
    assertThat(second.questions).hasSize(2);
    second.status = 500;
    assertThat(client.fetch(1)).isInstanceOf(Answer.Failed.class);
  }

  @Test
  void aReplicaThatLagsIsFollowedByTheNext() throws Exception {
    Service lagging = service();
    lagging.answers.clear();
    Service good = service();
    RegistryClient client = client(lagging.url(), good.url());

    assertThat(client.fetch(1)).isEqualTo(new Answer.Unknown());
    assertThat(client.fetch(1)).isEqualTo(INT);
  }

  @Test
  void referencesComeBeforeWhatRefersToThem() throws Exception {
    Service service = service();
    String of = "{\"schema\": \"%s\", \"references\": [%s]}";
    String to = "{\"name\": \"%s\", \"subject\": \"%s\", \"version\": %d}";
    service.answers.put(
        "/schemas/ids/5",
        of.formatted("top", to.formatted("A", "a/b c", 3) + "," + to.formatted("B", "b", 1)));
    service.answers.put(
        "/subjects/a%2Fb%20c/versions/3", of.formatted("text a", to.formatted("B", "b", 1)));
    service.answers.put(
        "/subjects/b/versions/1", of.formatted("text b", to.formatted("A", "a/b c", 3)));

    Answer answer = client(service.url()).fetch(5);
    assertThat(answer).isEqualTo(found("top", Map.of("A", "text a", "B", "text b")));
    assertThat(((Answer.Found) answer).schema().references().keySet()).containsExactly("B", "A");
    assertThat(service.questions).hasSize(3);
  }

  @Test
  void aSchemaThatIsTooLargeIsOfNoUse() throws Exception {
    Service service = service();
    service.answers.put("/schemas/ids/6", "{\"schema\": \"" + "x".repeat(9 << 20) + "\"}");

    assertThat(client(service.url()).fetch(6))
        .isEqualTo(new Answer.Unusable("is larger than 8388608 bytes"));
  }

  @Test
  void anAnswerThatDoesNotComeIsNotWaitedFor() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    HttpServer slow = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    slow.createContext(
        "/",
        exchange -> {
          // The headers come, the body does not.
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    slow.start();
    opened.add(() -> slow.stop(0));
    opened.add(end::countDown);
    String url = "http://127.0.0.1:" + slow.getAddress().getPort();
    SchemaRegistryConfig config =
        new SchemaRegistryConfig(
            List.of(url), null, null, null, NO_TLS, Duration.ofMillis(100), Duration.ZERO);

    try (RegistryClient client = new RegistryClient(config)) {
      assertThat(client.fetch(1)).isEqualTo(new Answer.Failed(url + ": no answer within 100 ms"));
    }
  }

  @Test
  void theRegistryAndWeShowCertificates() throws Exception {
    Path registry = keys("registry");
    Path us = keys("us");
    Tls of = new Tls(us, PASSWORD, registry, PASSWORD);
    SSLContext context = RegistryTls.context(of).orElseThrow();
    HttpsServer https = HttpsServer.create();
    https.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters needed = context.getDefaultSSLParameters();
            needed.setNeedClientAuth(true);
            parameters.setSSLParameters(needed);
          }
        });
    String url = service(https).url().replace("http:", "https:");
    KeyStore store = KeyStore.getInstance(registry.toFile(), PASSWORD.toCharArray());
    Path pem = folder.resolve("registry.pem");
    Files.writeString(
        pem,
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
            .formatted(
                Base64.getMimeEncoder()
                    .encodeToString(store.getCertificate("registry").getEncoded())));

    assertThat(client(null, null, new Tls(pem, null, us, PASSWORD), url).fetch(1)).isEqualTo(INT);
    assertThat(client(null, null, new Tls(registry, PASSWORD, us, PASSWORD), url).fetch(1))
        .isEqualTo(INT);
    assertThat(client(null, null, new Tls(pem, null, null, null), url).fetch(1))
        .as("without our own")
        .isInstanceOf(Answer.Failed.class);
    assertThat(client(null, null, new Tls(us, PASSWORD, us, PASSWORD), url).fetch(1))
        .as("not trusting the registry")
        .isInstanceOf(Answer.Failed.class);
    assertThat(client(url).fetch(1)).isInstanceOf(Answer.Failed.class);
    Path nowhere = folder.resolve("nowhere");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client(null, null, new Tls(nowhere, null, null, null), url))
        .withMessageContaining("nowhere cannot be used");
  }

  /** A key and a certificate that signs itself, by the JDK's own tool. */
  private Path keys(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    return store;
  }
}
