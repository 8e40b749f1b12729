package dev.peerdiscovery.core.rules;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.rules.broken.Offences;
import dev.peerdiscovery.core.rules.broken.engine.KnowsSimulation;
import dev.peerdiscovery.core.rules.broken.id.KnowsRecord;
import dev.peerdiscovery.core.rules.broken.lookup.KnowsEngine;
import dev.peerdiscovery.core.rules.broken.message.KnowsRouting;
import dev.peerdiscovery.core.rules.broken.record.KnowsMessage;
import dev.peerdiscovery.core.rules.broken.routing.KnowsLookup;
import dev.peerdiscovery.core.rules.broken.stranger.KnowsNothing;
import java.lang.module.ModuleFinder;
import java.net.InetAddress;
import java.net.URL;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What keeps core pure: its package directions, nothing but {@code java.base}, and no clock,
 * thread, own randomness or I/O. Each rule is shown to hold for core, and to fail for a class that
 * breaks it.
 */
class CoreRulesTest {
  private static final String CORE = "dev.peerdiscovery.core";
  private static final String BROKEN = "dev.peerdiscovery.core.rules.broken";

  /** Each package, and those it may know. */
  private static final Map<String, List<String>> DIRECTIONS =
      Map.of(
          "id", List.of(),
          "record", List.of("id"),
          "message", List.of("id", "record"),
          "routing", List.of("id", "record"),
          "lookup", List.of("id", "record"),
          "store", List.of("id", "record"),
          "engine", List.of("id", "record", "message", "routing", "lookup", "store"),
          "simulation", List.of("id", "record", "message", "routing", "lookup", "store", "engine"));

  private static final Set<String> JAVA_BASE =
      ModuleFinder.ofSystem().find("java.base").orElseThrow().descriptor().packages();

  private static final JavaClasses MAIN = mainClasses();

  /** A rule, and classes of which each breaks it. */
  private record Rule(ArchRule rule, List<Class<?>> offenders) {
    Rule(ArchRule rule, Class<?>... offenders) {
      this(rule, List.of(offenders));
    }
  }

  private static List<Rule> rules() {
    return List.of(
        new Rule(
            noClasses()
                .should()
                .accessTargetWhere(uses(System.class, membersOtherThan(System.class, "arraycopy")))
                .because("core reads no clock, no environment, and prints nothing"),
            Offences.ReadsNanoTime.class,
            Offences.RefersToNanoTime.class,
            Offences.ReadsMillis.class,
            Offences.ReadsEnvironment.class,
            Offences.Prints.class,
            Offences.PrintsErrors.class),
        new Rule(
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .orShould(
                    accessTargetWhere(
                        named("now")
                            .and(
                                JavaAccess.Predicates.targetOwner(
                                    resideInAPackage("java.time..")))))
                .because("time is a parameter"),
            Offences.HoldsClock.class,
            Offences.ReadsInstant.class,
            Offences.ReadsDate.class),
        new Rule(
            noClasses()
                .should()
                .dependOnClassesThat(
                    resideInAPackage("java.util.concurrent..")
                        .or(JavaClass.Predicates.assignableTo(Thread.class))
                        .or(JavaClass.Predicates.assignableTo(ThreadLocal.class))
                        .or(JavaClass.Predicates.assignableTo(java.util.Timer.class)))
                .because("an engine has one owner at a time, who brings the threads"),
            Offences.StartsThread.class,
            Offences.Sleeps.class,
            Offences.HoldsThreadLocal.class,
            Offences.HoldsTimer.class,
            Offences.HoldsExecutor.class,
            Offences.HoldsLock.class,
            Offences.HoldsFuture.class,
            Offences.DrawsFromThread.class),
        new Rule(
            methods()
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .because("an engine has one owner at a time"),
            Offences.Synchronizes.class),
        new Rule(
            noClasses()
                .should()
                .accessTargetWhere(uses(Object.class, Set.of("wait", "notify", "notifyAll")))
                .because("an engine has one owner at a time"),
            Offences.WakesOthers.class),
        new Rule(
            noClasses()
                .should()
                .accessTargetWhere(uses(Math.class, Set.of("random")))
                .orShould()
                .accessTargetWhere(makesUnseeded(java.util.Random.class))
                .orShould()
                .accessTargetWhere(makesUnseeded(java.util.SplittableRandom.class))
                .orShould()
                .accessTargetWhere(
                    uses(java.util.random.RandomGenerator.class, Set.of("getDefault", "of")))
                .orShould()
                .accessTargetWhere(uses(java.util.UUID.class, Set.of("randomUUID")))
                .orShould()
                .callMethod(java.util.Collections.class, "shuffle", List.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.security.SecureRandom.class)
                .because("randomness is passed in, so that a seed fixes a run"),
            Offences.DrawsFromMath.class,
            Offences.DrawsUnseeded.class,
            Offences.RefersToRandom.class,
            Offences.SplitsUnseeded.class,
            Offences.DrawsSecurely.class,
            Offences.DrawsDefault.class,
            Offences.DrawsUuid.class,
            Offences.ShufflesUnseeded.class),
        new Rule(
            noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.math..")
                .because("ids are four longs, and one distance has one order"),
            Offences.CountsInBigIntegers.class),
        new Rule(
            noClasses()
                .should()
                .dependOnClassesThat(
                    resideInAnyPackage(
                            "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                        .and(
                            DescribedPredicate.not(
                                JavaClass.Predicates.belongToAnyOf(
                                    InetAddress.class, UnknownHostException.class))))
                .because("core opens nothing"),
            Offences.OpensFile.class,
            Offences.NamesPath.class,
            Offences.NamesSocket.class),
        new Rule(
            noClasses()
                .should()
                .accessTargetWhere(
                    uses(
                        InetAddress.class,
                        Set.of(
                            "getLocalHost",
                            "getAllByName",
                            "getHostName",
                            "getCanonicalHostName",
                            "isReachable")))
                .because("core reads addresses and resolves none"),
            Offences.ResolvesName.class),
        new Rule(
            classes()
                .should()
                .onlyDependOnClassesThat(areOursOrOfJavaBase())
                .because(
                    "core runs the same everywhere; other modules than java.base do not even compile"),
            Offences.UsesALibrary.class),
        new Rule(
            fields()
                .that()
                .areDeclaredInClassesThat()
                .areRecords()
                .and()
                .areNotStatic()
                .should(beNoArray())
                .because("records that hold equal arrays are not equal, and arrays can be changed"),
            Offences.HoldsArray.class),
        new Rule(
            classes()
                .should(liveInANullMarkedPackage())
                .because("null does not cross a package's border unmarked"),
            KnowsNothing.class));
  }

  static Stream<Arguments> cases() {
    return rules().stream().map(rule -> Arguments.argumentSet(rule.rule.getDescription(), rule));
  }

  static Stream<Arguments> offences() {
    return rules().stream()
        .flatMap(
            rule ->
                rule.offenders.stream()
                    .map(
                        offender ->
                            Arguments.argumentSet(offender.getSimpleName(), rule.rule, offender)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void core_keepsToTheRule(Rule rule) {
    rule.rule.check(MAIN);
  }

  @ParameterizedTest
  @MethodSource("offences")
  void theRule_noticesTheOffender(ArchRule rule, Class<?> offender) {
    JavaClasses offending = new ClassFileImporter().importClasses(offender);

    assertThat(rule.evaluate(offending).hasViolation()).isTrue();
  }

  @Test
  void everyOffence_isNoticedBySomeRule() {
    Set<Class<?>> noticed = new HashSet<>();
    rules().forEach(rule -> noticed.addAll(rule.offenders));

    assertThat(noticed).contains(Offences.class.getDeclaredClasses());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackage_knowsOnlyThoseBelowIt(String name) {
    direction(CORE, name).check(MAIN);
  }

  static Collection<String> packages() {
    return DIRECTIONS.keySet();
  }

  @ParameterizedTest
  @MethodSource("upward")
  void aPackage_thatKnowsOneAboveIt_isNoticed(String name, Class<?> offender) {
    JavaClasses offending = new ClassFileImporter().importClasses(offender);

    assertThat(direction(BROKEN, name).evaluate(offending).hasViolation()).isTrue();
  }

  static Stream<Arguments> upward() {
    return Stream.of(
        Arguments.of("id", KnowsRecord.class),
        Arguments.of("record", KnowsMessage.class),
        Arguments.of("message", KnowsRouting.class),
        Arguments.of("routing", KnowsLookup.class),
        Arguments.of("lookup", KnowsEngine.class),
        Arguments.of("store", dev.peerdiscovery.core.rules.broken.store.KnowsLookup.class),
        Arguments.of("engine", KnowsSimulation.class));
  }

  @Test
  void everyPackage_hasADirection() {
    assertThat(strangers(CORE, MAIN)).isEmpty();
    assertThat(MAIN.size()).as("core was found").isGreaterThan(30);

    JavaClasses offending =
        new ClassFileImporter().importClasses(KnowsNothing.class, KnowsRecord.class);
    assertThat(strangers(BROKEN, offending)).containsExactly(BROKEN + ".stranger");
  }

  private static ArchRule direction(String root, String name) {
    List<String> allowed = new ArrayList<>(List.of(root + "." + name + ".."));
    DIRECTIONS.get(name).forEach(known -> allowed.add(root + "." + known + ".."));
    return noClasses()
        .that()
        .resideInAPackage(root + "." + name + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .allowEmptyShould(true);
  }

  private static Set<String> strangers(String root, JavaClasses classes) {
    Set<String> strangers = new HashSet<>();
    for (JavaClass each : classes) {
      String name = each.getPackageName();
      boolean known =
          DIRECTIONS.keySet().stream()
              .map(top -> root + "." + top)
              .anyMatch(top -> name.equals(top) || name.startsWith(top + "."));
      if (!known && !name.isEmpty()) {
        strangers.add(name);
      }
    }
    return strangers;
  }

  /** What was compiled from the main sources, wherever this build has put it. */
  private static JavaClasses mainClasses() {
    URL location = NodeId.class.getProtectionDomain().getCodeSource().getLocation();
    return new ClassFileImporter().importUrl(location);
  }

  private static DescribedPredicate<JavaClass> areOursOrOfJavaBase() {
    return DescribedPredicate.describe(
        "are core's own, of java.base, or annotations for null",
        type -> {
          JavaClass base = type.getBaseComponentType();
          String name = base.getPackageName();
          return base.isPrimitive()
              || name.startsWith(CORE)
              || name.equals(NullMarked.class.getPackageName())
              || (name.startsWith("java.") && JAVA_BASE.contains(name));
        });
  }

  /** A call, a reference to a method, or the use of a field. */
  private static DescribedPredicate<JavaAccess<?>> uses(Class<?> owner, Set<String> members) {
    return DescribedPredicate.describe(
        owner.getSimpleName() + " " + members,
        access ->
            access.getTargetOwner().isEquivalentTo(owner) && members.contains(access.getName()));
  }

  private static DescribedPredicate<JavaAccess<?>> makesUnseeded(Class<?> owner) {
    return DescribedPredicate.describe(
        "new " + owner.getSimpleName() + "()",
        access ->
            access.getTargetOwner().isEquivalentTo(owner)
                && access.getTarget() instanceof CodeUnitAccessTarget made
                && made.getName().equals("<init>")
                && made.getRawParameterTypes().isEmpty());
  }

  private static DescribedPredicate<JavaAccess<?>> named(String method) {
    return DescribedPredicate.describe(
        "target is called " + method, access -> access.getName().equals(method));
  }

  private static Set<String> membersOtherThan(Class<?> owner, String exception) {
    Set<String> names = new HashSet<>();
    Arrays.stream(owner.getMethods()).forEach(method -> names.add(method.getName()));
    Arrays.stream(owner.getFields()).forEach(field -> names.add(field.getName()));
    names.remove(exception);
    return names;
  }

  private static ArchCondition<JavaField> beNoArray() {
    return new ArchCondition<>("be no array") {
      @Override
      public void check(JavaField field, ConditionEvents events) {
        if (field.getRawType().isArray()) {
          events.add(SimpleConditionEvent.violated(field, field.getFullName() + " is an array"));
        }
      }
    };
  }

  private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
    return new ArchCondition<>("live in a package with a package-info that says @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean module = type.getSimpleName().equals("module-info");
        boolean marked =
            type.getPackage()
                .tryGetPackageInfo()
                .map(info -> info.isAnnotatedWith(NullMarked.class))
                .orElse(false);
        if (!module && !marked) {
          events.add(
              SimpleConditionEvent.violated(type, type.getPackageName() + " is not @NullMarked"));
        }
      }
    };
  }
}
