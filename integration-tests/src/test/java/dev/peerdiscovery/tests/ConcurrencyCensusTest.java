package dev.peerdiscovery.tests;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Says of every class that more than one thread touches which check runs its interleavings, or why
 * none does. A class is taken to be one when it reaches for what such classes are made of.
 */
class ConcurrencyCensusTest {
  private static final Path TREE = Path.of("").toAbsolutePath().getParent();

  private static final Pattern SHARED =
      Pattern.compile(
          "java\\.util\\.concurrent\\.(atomic|locks)\\.|\\bsynchronized\\b|\\bvolatile\\b|VarHandle"
              + "|\\bConcurrent(Hash|Linked|Skip)\\w+|\\bConcurrentMap\\b|BlockingQueue|CopyOnWrite"
              + "|\\b(Semaphore|CountDownLatch|Phaser|Exchanger)\\b");

  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*");

  /** By the class, the check whose structure is named after it. */
  private static final Map<String, String> CHECKED =
      Map.ofEntries(
          entry("client.ChannelPool", "client/ClientConcurrencyTest"),
          entry("client.FailOver", "client/ClientConcurrencyTest"),
          entry("client.PeerStream", "client/ClientConcurrencyTest"),
          entry("node.AnsweredStreams", "node/NodeConcurrencyTest"),
          entry("node.Budget", "node/AdmissionConcurrencyTest"),
          entry("node.Callbacks", "node/NodeConcurrencyTest"),
          entry("node.CallsInFlight", "node/AdmissionConcurrencyTest"),
          entry("node.Counters", "node/NodeConcurrencyTest"),
          entry("node.HalfOpen", "node/AdmissionConcurrencyTest"),
          entry("node.LookedAt", "node/NodeConcurrencyTest"),
          entry("node.Mailbox", "node/NodeConcurrencyTest"),
          entry("node.Outbox", "node/NodeConcurrencyTest"),
          entry("node.Places", "node/AdmissionConcurrencyTest"),
          entry("node.Proofs", "node/NodeConcurrencyTest"),
          entry("node.Resets", "node/AdmissionConcurrencyTest"),
          entry("node.Source", "node/AdmissionConcurrencyTest"),
          entry("node.Sources", "node/AdmissionConcurrencyTest"),
          entry("node.StreamLimit", "node/AdmissionConcurrencyTest"),
          entry("proto.RecordCache", "proto/ProtoConcurrencyTest"));

  /** What is shared without a primitive of its own, because it never changes. */
  private static final Map<String, String> IMMUTABLE =
      Map.of("core.routing.TableView", "core/routing/RoutingConcurrencyTest");

  private static final String ONE_LOCK = "all that it does holds its one lock";
  private static final String SNAPSHOT =
      "publishes values that never change; what writes them is one thread at a time";
  private static final String COUNTS = "counts by LongAdder; what it decides by is checked";

  private static final Map<String, String> EXCEPTIONS =
      Map.ofEntries(
          entry("client.DiscoveryClient", "a map of the JDK; the flag is Waiting's"),
          entry("client.Lease", SNAPSHOT),
          entry("client.PeerClient", "two flags, of which either value is right at any time"),
          entry("client.Resolver", "stands on a thread pool of the JDK, and keeps nothing"),
          entry("client.Waiting", "one flag, read after what close looks for was added"),
          entry("client.Watch", SNAPSHOT),
          entry("client.tls.CertificateFiles", ONE_LOCK),
          entry("client.tls.CertificateRefusedException", "overrides a method that has the word"),
          entry("client.tls.CurrentKey", ONE_LOCK),
          entry("client.tls.PeerTrust", "one lock around its cache, of what is true or not there"),
          entry("client.tls.ThrowAwayCertificates", ONE_LOCK),
          entry("node.Admin", SNAPSHOT),
          entry("node.Admission", COUNTS),
          entry("node.CallEnd", "one flag, which a tracer sets before the handler is told"),
          entry(
              "node.Driver", "one owner at a time; its mailbox is checked, and its picture a view"),
          entry("node.EndpointChecks", "one lock around its queue and its count"),
          entry("node.PeerNode", SNAPSHOT),
          entry("node.PeerService", COUNTS),
          entry("node.NodeHealth", ONE_LOCK),
          entry(
              "node.PeerServices",
              "one lock; one list that waits, by an exchange of the JDK's; and a set of the JDK"),
          entry(
              "node.PendingLookups", "the owner's; a map of the JDK for when its threads are gone"),
          entry("node.Saver", "one flag, and one snapshot that waits, by exchanges of the JDK's"),
          entry("node.ServerThreads", ONE_LOCK),
          entry("node.Watchdog", ONE_LOCK),
          entry("node.cli.DemoCommand", "waits for a signal"),
          entry("node.cli.Recorder", "the demo's; all that it does holds its one lock"));

  @Test
  void everySharedClass_hasACheckOrAReason() throws IOException {
    assertThat(sharedClasses())
        .as("classes that threads share: check their interleavings, or say why not")
        .containsExactlyElementsOf(
            Stream.concat(CHECKED.keySet().stream(), EXCEPTIONS.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void everyCheck_isThere() throws IOException {
    Map<String, String> all = new TreeMap<>(CHECKED);
    all.putAll(IMMUTABLE);
    for (Map.Entry<String, String> each : all.entrySet()) {
      Path test =
          TREE.resolve("integration-tests/src/test/java/dev/peerdiscovery")
              .resolve(each.getValue() + ".java");
      String structure = "Of" + each.getKey().replaceFirst(".*\\.", "");
      assertThat(Files.readString(test))
          .contains("class " + structure + " {")
          .containsPattern("Interleavings\\.(check|stress)\\(" + structure + "\\.class\\)");
    }
  }

  private static Set<String> sharedClasses() throws IOException {
    Set<String> shared = new TreeSet<>();
    for (String module : List.of("core", "proto", "client", "node")) {
      Path sources = TREE.resolve(module).resolve("src/main/java/dev/peerdiscovery");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
          String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
          if (SHARED.matcher(code).find()) {
            String name = sources.relativize(file).toString();
            shared.add(name.replaceFirst("\\.java$", "").replace('/', '.'));
          }
        }
      }
    }
    return shared;
  }
}
