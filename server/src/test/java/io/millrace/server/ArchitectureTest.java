package io.millrace.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The arrows between packages, as {@code docs/architecture.md} draws them. */
final class ArchitectureTest {
  private static final String SERVER = "io.millrace.server";
  private static final String[] FEATURES =
      packages(
          "record",
          "mapping",
          "event",
          "rpc",
          "presence",
          "listen",
          "auth",
          "permission",
          "subscription",
          "transport",
          "peer",
          "session",
          "dispatch");
  private static final String[] ADAPTERS =
      packages("grid", "cluster", "kafka", "format", "storage", "websocket", "http");

  private static final URL HERE =
      ArchitectureTest.class.getProtectionDomain().getCodeSource().getLocation();
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(location -> !location.asURI().toString().startsWith(HERE.toString()))
          .importPackages(SERVER, "io.millrace.protocol");
  private static final JavaClasses TESTS = new ClassFileImporter().importUrl(HERE);

  /** Without this, a rule about classes that were not found would hold. */
  @Test
  void theClassesOfTheServerAreLookedAt() {
    assertThat(MAIN.contain("io.millrace.server.record.Records")).isTrue();
    assertThat(MAIN.contain("io.millrace.protocol.value.JsonPatch")).isTrue();
    assertThat(MAIN.contain(ArchitectureTest.class)).isFalse();
    assertThat(TESTS.contain(ArchitectureTest.class)).isTrue();
  }

  @Test
  void packagesDoNotDependOnEachOtherInCycles() {
    slices().matching(SERVER + ".(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void onlyTheRootKnowsTheRoot() {
    noClasses()
        .that()
        .resideInAPackage(SERVER + ".*..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(SERVER)
        .check(MAIN);
  }

  @ParameterizedTest
  @CsvSource({
    "com.hazelcast..,    grid,      ''",
    "org.apache.kafka.., kafka,     ''",
    "org.apache.avro..,  format,    ''",
    "com.google.protobuf.., format, ''",
    "com.squareup.wire.., format,   ''",
    "java.sql..,         storage,   ''",
    "javax.sql..,        storage,   ''",
    "com.zaxxer..,       storage,   ''",
    "org.sqlite..,       storage,   ''",
    "io.opentelemetry.., tracing,   ''",
    "io.netty..,         websocket cluster, ''",
    "org.mozilla..,      permission, ''",
    "com.google.re2j..,  regex,     ''",
    "com.nimbusds..,     auth,      ''",
    "org.bouncycastle.., auth,      ''",
    "picocli..,          cli,       Main",
    "io.vertx..,         websocket http cluster, Assembly",
  })
  void vendorTypesStayInTheirPackage(String vendor, String homes, String exempt) {
    noClasses()
        .that(resideOutsideOfPackages(packages(homes.split(" ", -1))))
        .and()
        .doNotHaveFullyQualifiedName(SERVER + "." + exempt)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(vendor)
        .check(MAIN);
  }

  @Test
  void featuresKnowNoAdapter() {
    noClasses()
        .that()
        .resideInAnyPackage(FEATURES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ADAPTERS)
        .check(MAIN);
  }

  /** What a feature sees of a session is {@code subscription.Subscriber}. */
  @Test
  void recordsKnowNoSession() {
    noClasses()
        .that()
        .resideInAnyPackage(
            packages(
                "record",
                "event",
                "rpc",
                "presence",
                "listen",
                "auth",
                "permission",
                "subscription",
                "peer",
                "transport"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages("session", "dispatch"))
        .check(MAIN);
  }

  @Test
  void leavesKnowNobody() {
    noClasses()
        .that()
        .resideInAnyPackage(packages("config", "observability", "outbound", "regex", "tracing"))
        .should(
            dependOnClassesThat(
                resideInAnyPackage(SERVER + "..")
                    .and(
                        resideOutsideOfPackages(
                            packages("config", "observability", "outbound", "regex", "tracing")))))
        .check(MAIN);
  }

  @Test
  void theProtocolKnowsTheJdkAndJsonOnly() {
    classes()
        .that()
        .resideInAPackage("io.millrace.protocol..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "io.millrace.protocol..", "com.fasterxml.jackson..", "org.jspecify..")
        .check(MAIN);
  }

  /** A helper lives with its one user; with three users it earns a name. */
  @Test
  void noPackageIsADrawer() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..manager..")
        .check(MAIN);
  }

  /** The suffix is the lane: a test in none of them would never run. */
  @Test
  void classesWithTestsSayWhichLaneTheyAreIn() {
    List<String> strays = new ArrayList<>();
    for (JavaClass each : TESTS) {
      if (each.isTopLevelClass() && holdsTests(each) && !isInALane(each.getSimpleName())) {
        strays.add(each.getName());
      }
    }
    assertThat(strays).isEmpty();
  }

  private static boolean holdsTests(JavaClass type) {
    return !type.getModifiers().contains(JavaModifier.ABSTRACT)
        && type.getMethods().stream()
            .anyMatch(
                method ->
                    method.getAnnotations().stream()
                        .map(annotation -> annotation.getRawType().getName())
                        .anyMatch(
                            name ->
                                name.equals(Test.class.getName())
                                    || name.equals(ParameterizedTest.class.getName())));
  }

  private static boolean isInALane(String name) {
    return name.matches(".*(Test|IT|FaultTest|StressTest)");
  }

  private static String[] packages(String... names) {
    return Arrays.stream(names).map(name -> SERVER + "." + name + "..").toArray(String[]::new);
  }
}
