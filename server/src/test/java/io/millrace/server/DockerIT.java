package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.ConfigResult;
import io.millrace.server.config.MillraceConfig;
import io.millrace.server.observability.Meter;
import io.millrace.testkit.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The image without an engine: its build's scripts lay it out in a folder, and from there its
 * entrypoint is run with the environment that the compose files give, by another user if there is
 * one to be.
 */
@Timeout(600)
final class DockerIT {
  private static final Path DOCKER = Path.of("..", "docker");
  private static final String INSTALLED = "/opt/millrace";
  private static final Pattern DEFAULTED = Pattern.compile("\\$\\{\\w+:-([^}]*)}");

  @TempDir private static Path folder;
  private static Path home;
  private static Path data;

  @BeforeAll
  static void install() throws Exception {
    home = folder.resolve("opt/millrace");
    data = Files.createDirectory(folder.resolve("data"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(run(Map.of(), DOCKER.resolve("build.sh").toString(), "install", home.toString()))
        .isZero();
  }

  @Test
  void theContainerGetsReadyKeepsItsDataAndEndsWithZeroOnSigterm() throws Exception {
    Map<String, String> environment =
        new HashMap<>(environment(service("compose.yaml", "millrace")));
    environment.put("MILLRACE_PORT", Integer.toString(EmbeddedKafka.freePort()));
    environment.put("MILLRACE_HOST", "127.0.0.1");
    environment.put("MILLRACE_STORAGE_PATH", data.resolve("millrace.db").toString());
    environment.put("MILLRACE_HEAP", "256m");
    String healthcheck = home.resolve("docker/healthcheck.sh").toString();
    assertThat(run(environment, healthcheck)).as("before the start").isNotZero();

    Process server = start(environment, home.resolve("docker/entrypoint.sh").toString());
    try {
      Awaitility.await("ready")
          .atMost(Duration.ofMinutes(4))
          .until(() -> run(environment, healthcheck) == 0);
      assertThat(data.resolve("millrace.db")).exists();
      // One process: what gets the container's SIGTERM is the JVM.
      assertThat(server.info().command().orElse("")).endsWith("java");
      server.destroy();
      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).isZero();
      assertThat(run(environment, healthcheck)).as("after the end").isNotZero();
    } finally {
      server.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"compose.yaml", "compose.cluster.yaml"})
  void everyNodesConfigurationIsGoodAndStopsInTheTimeThatItHas(String file) throws Exception {
    int nodes = 0;
    for (Map.Entry<String, Object> each : compose(file, "services").entrySet()) {
      Map<String, Object> service = map(each.getValue());
      Map<String, String> environment = environment(service);
      if (environment.containsKey("MILLRACE_NAME")) {
        nodes++;
        Map<String, String> inContainer = new HashMap<>(environment);
        inContainer.put("MILLRACE_CLUSTER_HOST", "10.0.0." + nodes);
        MillraceConfig config = config(inContainer);
        assertThat(config.server().name()).isEqualTo(each.getKey());
        assertThat(config.cluster().drainTimeout())
            .isLessThan(duration(service.get("stop_grace_period")));
        if (config.cluster().enabled()) {
          assertThat(config.cluster().members()).contains(each.getKey() + ":5701");
          assertThat(config.cluster().host()).isEqualTo("10.0.0." + nodes);
          assertThat(config.cluster().minSize()).isEqualTo(2);
          assertThat(config.cluster().linkPort()).isPositive();
        }
      }
    }
    assertThat(nodes).isEqualTo(file.contains("cluster") ? 3 : 1);
  }

  @Test
  void theEntrypointFindsTheAddressThatOtherNodesReach() throws Exception {
    Map<String, String> environment =
        new HashMap<>(environment(service("compose.cluster.yaml", "millrace-1")));
    environment.put("MILLRACE_CONFIG", home.resolve("docker/cluster.yml").toString());
    environment.put("HOSTNAME", "localhost");
    Path shown = data.resolve("shown");
    Process process =
        builder(
                environment,
                home.resolve("docker/entrypoint.sh").toString(),
                "config",
                "show",
                "--config",
                environment.get("MILLRACE_CONFIG"))
            .redirectOutput(shown.toFile())
            .start();
    assertThat(process.waitFor()).isZero();
    assertThat(shown).content().contains("host: 127.").doesNotContain("change-me");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compose.yaml", "compose.cluster.yaml"})
  void whatAServiceNamesIsThere(String file) throws Exception {
    Map<String, Object> services = compose(file, "services");
    for (Object each : services.values()) {
      Map<String, Object> service = map(each);
      assertThat(services.keySet()).containsAll(names(service.get("depends_on")));
      assertThat(compose(file, "networks").keySet()).containsAll(names(service.get("networks")));
      for (String volume : names(service.get("volumes"))) {
        String source = volume.substring(0, volume.indexOf(':'));
        if (source.startsWith(".")) {
          assertThat(DOCKER.resolve(source)).isRegularFile();
        } else {
          assertThat(compose(file, "volumes")).containsKey(source);
        }
      }
      if (service.containsKey("build")) {
        String dockerfile = String.valueOf(map(service.get("build")).get("dockerfile"));
        assertThat(DOCKER.resolve("..").resolve(dockerfile)).isRegularFile();
      }
    }
  }

  @Test
  void everyTopicThatTheClusterReadsOrFillsIsCreated() throws Exception {
    String creation =
        String.valueOf(service("compose.cluster.yaml", "kafka-topics").get("command"));
    MillraceConfig config = config(clusterEnvironment());
    config
        .kafka()
        .sources()
        .forEach(
            source ->
                assertThat(creation)
                    .contains(source.topics())
                    .contains(source.topics().getFirst() + ".dlq"));
  }

  @Test
  void theDockerfileRunsOnlyScriptsThatAreThere() throws Exception {
    String dockerfile = Files.readString(DOCKER.resolve("Dockerfile"));
    var scripts = Pattern.compile("(/opt/millrace/|\\s)(docker/\\w+\\.sh)").matcher(dockerfile);
    int found = 0;
    while (scripts.find()) {
      found++;
      Path script = scripts.group(1).isBlank() ? DOCKER.resolve("..") : home;
      assertThat(script.resolve(scripts.group(2))).isExecutable();
    }
    assertThat(found).isGreaterThanOrEqualTo(4);
    assertThat(dockerfile).containsPattern("(?m)^USER [1-9]").contains("\nENTRYPOINT [\"");
  }

  @Test
  void theDashboardAsksForMetricsThatThereAre() throws Exception {
    String dashboard = Files.readString(DOCKER.resolve("grafana/millrace.json"));
    var asked = new TreeSet<String>();
    Pattern.compile("millrace_\\w+")
        .matcher(dashboard)
        .results()
        .forEach(m -> asked.add(m.group()));
    List<String> known =
        Arrays.stream(Meter.values()).map(DockerIT::prometheusName).collect(Collectors.toList());
    assertThat(asked).hasSizeGreaterThan(5);
    assertThat(known).containsAll(asked.stream().map(n -> n.replaceFirst("_total$", "")).toList());
  }

  private static String prometheusName(Meter meter) {
    return meter.id().replace('.', '_');
  }

  private static Map<String, String> clusterEnvironment() throws IOException {
    Map<String, String> environment =
        new HashMap<>(environment(service("compose.cluster.yaml", "millrace-1")));
    environment.put("MILLRACE_CLUSTER_HOST", "10.0.0.1");
    return environment;
  }

  private static MillraceConfig config(Map<String, String> environment) {
    String file = environment.getOrDefault("MILLRACE_CONFIG", INSTALLED + "/docker/node.yml");
    ConfigResult result =
        ConfigLoader.load(Path.of(file.replace(INSTALLED, home.toString())), environment);
    assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
    return ((ConfigResult.Loaded) result).config();
  }

  private static Map<String, Object> compose(String file, String part) throws IOException {
    Map<String, Object> all =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(DOCKER.resolve(file)));
    Object found = all.get(part);
    return found == null ? Map.of() : map(found);
  }

  private static Map<String, Object> service(String file, String name) throws IOException {
    return map(compose(file, "services").get(name));
  }

  /** The entries of a list, or the keys of a mapping. */
  private static List<String> names(@Nullable Object value) {
    return switch (value) {
      case null -> List.of();
      case Map<?, ?> map -> map.keySet().stream().map(String::valueOf).toList();
      case List<?> list -> list.stream().map(String::valueOf).toList();
      default -> throw new IllegalArgumentException("neither a list nor a mapping: " + value);
    };
  }

  private static Map<String, String> environment(Map<String, Object> service) {
    Map<String, String> environment = new HashMap<>();
    if (service.get("environment") != null) {
      map(service.get("environment"))
          .forEach(
              (name, value) ->
                  environment.put(name, DEFAULTED.matcher(String.valueOf(value)).replaceAll("$1")));
    }
    return environment;
  }

  @SuppressWarnings("unchecked") // YAML's mappings have names for keys here.
  private static Map<String, Object> map(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }

  private static Duration duration(@Nullable Object text) {
    return Duration.parse("PT" + text);
  }

  private static int run(Map<String, String> environment, String... command) throws Exception {
    return start(environment, command).waitFor();
  }

  private static Process start(Map<String, String> environment, String... command)
      throws IOException {
    return builder(environment, command).start();
  }

  private static ProcessBuilder builder(Map<String, String> environment, String... command) {
    List<String> all = new ArrayList<>();
    if (System.getProperty("user.name").equals("root") && !command[0].contains("build.sh")) {
      all.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    all.addAll(List.of(command));
    ProcessBuilder builder =
        new ProcessBuilder(all)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    if (!command[0].contains("build.sh")) {
      builder.directory(data.toFile()).environment().clear();
      builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin");
      builder.environment().putAll(environment);
    }
    return builder;
  }
}
