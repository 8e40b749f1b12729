package dev.peerdiscovery.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.text.DecimalFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The directions of dependency that ARCHITECTURE.md draws, and what every package has. */
class HouseTest {
  private static final String ROOT = "dev.peerdiscovery";

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/peerdiscovery/tests/"))
          // Where quick builds put them.
          .withImportOption(location -> !location.contains("/quick-test-classes/"))
          .importPackages(ROOT);

  /** What the build makes of the .proto files: packages that end with a version. */
  private static final DescribedPredicate<JavaClass> GENERATED =
      resideInAnyPackage(ROOT + ".proto.*.v1..").as("generated from .proto files");

  private static final DescribedPredicate<JavaClass> WRITTEN =
      resideInAPackage(ROOT + "..").and(not(GENERATED)).as("written by hand");

  @Test
  void coreStandsOnTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".core..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(ROOT + ".core..", "java..", "org.jspecify.annotations..")
        .check(HOUSE);
  }

  @Test
  void insideCore_valuesKnowNothingOfWhatUsesThem() {
    mayUse("core.id");
    mayUse("core.record", "core.id");
    mayUse("core.message", "core.id", "core.record");
    mayUse("core.routing", "core.id", "core.record");
    mayUse("core.lookup", "core.id", "core.record");
    mayUse("core.store", "core.id", "core.record");
    mayUse(
        "core.engine",
        "core.id",
        "core.record",
        "core.message",
        "core.routing",
        "core.lookup",
        "core.store");
  }

  @Test
  void modulesBuildOnOneAnother_inOneDirection() {
    mayUse("proto", "core..", "proto..");
    mayUse("client.tls", "core..");
    mayUse("client", "core..", "proto..", "client.tls");
    mayUse("node", "core..", "proto..", "client..");
    mayUse("node.cli", "core..", "proto..", "client..", "node");
  }

  /** A package may use itself and those given of ours, and whatever is not ours. */
  private static void mayUse(String name, String... others) {
    String[] allowed = new String[others.length + 1];
    allowed[0] = ROOT + "." + name;
    for (int i = 0; i < others.length; i++) {
      allowed[i + 1] = ROOT + "." + others[i];
    }
    classes()
        .that()
        .resideInAPackage(ROOT + "." + name)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage(ROOT + ".."))))
        .check(HOUSE);
  }

  @Test
  void nobodyUsesTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".node.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".node.cli..")
        .check(HOUSE);
  }

  @Test
  void whatTheCommandLineNeeds_isNeededThereAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".node.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("picocli..", "com.typesafe..", "ch.qos.logback..")
        .check(HOUSE);
  }

  @Test
  void generatedClasses_stopAtTheEdges() {
    Set<String> users =
        HOUSE.stream()
            .filter(WRITTEN)
            .filter(type -> !type.getPackageName().equals(ROOT + ".proto"))
            .filter(
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> GENERATED.test(dependency.getTargetClass())))
            .map(type -> type.getFullName().substring(ROOT.length() + 1).replaceFirst("\\$.*", ""))
            .filter(name -> !name.startsWith("node.cli."))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(users)
        .isSubsetOf(
            "client.Caller",
            "client.DiscoveryCodec",
            "client.DiscoveryNode",
            "node.Admin",
            "node.CallKinds",
            "node.DataDirectory",
            "node.Discovery",
            "node.DiscoveryMessages",
            "node.NodeServer",
            "node.PeerNode",
            "node.PeerService",
            "node.SnapshotFile");
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(HOUSE.that(WRITTEN));
  }

  @Test
  void everyPackageSaysWhatItIs_andThatNullIsMarked() {
    Set<String> written =
        HOUSE.stream()
            .filter(WRITTEN)
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> marked =
        HOUSE.stream()
            .filter(type -> type.getSimpleName().equals("package-info"))
            .filter(type -> type.isAnnotatedWith(NullMarked.class))
            .map(JavaClass::getPackageName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(written).hasSizeGreaterThan(8);
    assertThat(marked).containsExactlyElementsOf(written);
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses()
        .that(WRITTEN)
        .should()
        .haveNameMatching(".*(Impl|Manager|Utils?|Helper|Abstract[A-Z]\\w*)$")
        .check(HOUSE);
  }

  @Test
  void timeAndChance_areGivenToCore() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".core..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.math.BigInteger")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Thread")
        .check(HOUSE);
  }

  /**
   * Output for programs is the same in every locale; so nothing is formatted by the default one.
   */
  @Test
  void nothingIsFormattedByTheDefaultLocale() {
    ArchRule rule =
        noClasses()
            .that(WRITTEN)
            .should()
            .callMethod(String.class, "formatted", Object[].class)
            .orShould()
            .callMethod(String.class, "format", String.class, Object[].class)
            .orShould()
            .callMethod(String.class, "toLowerCase")
            .orShould()
            .callMethod(String.class, "toUpperCase")
            .orShould()
            .callMethod(PrintStream.class, "printf", String.class, Object[].class)
            .orShould()
            .callMethod(PrintStream.class, "format", String.class, Object[].class)
            .orShould()
            .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
            .orShould()
            .callMethod(PrintWriter.class, "format", String.class, Object[].class)
            .orShould()
            .callConstructor(Formatter.class)
            .orShould()
            .callConstructor(Formatter.class, Appendable.class)
            .orShould()
            .callConstructor(DecimalFormat.class, String.class)
            .orShould()
            .callMethod(DateTimeFormatter.class, "ofPattern", String.class)
            .because("programs read it in every locale: pass Locale.ROOT, as to String.format");
    rule.check(HOUSE);
    // The rule can fail: this class breaks it.
    assertThat(rule.evaluate(new ClassFileImporter().importClasses(Localized.class)).hasViolation())
        .isTrue();
  }

  /** What the rule is about. */
  private static final class Localized {
    @Override
    public String toString() {
      return "%d".formatted(1);
    }
  }
}
