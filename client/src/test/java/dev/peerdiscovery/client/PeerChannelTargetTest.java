package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every form of a target that the README and the documentation of {@link PeerNameResolverProvider}
 * name, through the channel builders of gRPC: each with a call, or with an error that says what is
 * wrong.
 */
class PeerChannelTargetTest {
  private static final Map<String, Function<String, ManagedChannelBuilder<?>>> BUILDERS =
      Map.of(
          "ManagedChannelBuilder",
          target -> ManagedChannelBuilder.forTarget(target).usePlaintext(),
          "Grpc",
          target -> Grpc.newChannelBuilder(target, InsecureChannelCredentials.create()),
          "NettyChannelBuilder",
          target -> NettyChannelBuilder.forTarget(target).usePlaintext());

  private final StandInNetwork network = new StandInNetwork();
  private Echo echo;
  private StandInNetwork.Node four;
  private StandInNetwork.Node six;
  private StandInNetwork.Node dead;

  @BeforeEach
  void start() throws IOException {
    echo = new Echo();
    four = network.listen(4, 0);
    six = network.listen(6, "::1", 0);
    dead = network.listen(9, 0);
    dead.kill();
    network.put("orders", echo.endpoint.toString(), 7);
  }

  @AfterEach
  void close() {
    System.clearProperty("peer.node");
    System.clearProperty("peer.providers");
    echo.close();
    network.close();
  }

  private String filled(String text) {
    String escaped = six.endpoint.toString().replace("[", "%5B").replace("]", "%5D");
    return text.replace("%5BSIX", escaped)
        .replace("FOUR", four.endpoint.toString())
        .replace("SIX", six.endpoint.toString())
        .replace("DEAD", dead.endpoint.toString())
        .replace("%3A_", four.endpoint.toString().replace(":", "%3A"));
  }

  private interface Use {
    void of(ManagedChannel channel) throws Exception;
  }

  private static void withEachBuilder(String target, Use use) throws Exception {
    for (Map.Entry<String, Function<String, ManagedChannelBuilder<?>>> each : BUILDERS.entrySet()) {
      ManagedChannel channel = each.getValue().apply(target).build();
      try {
        use.of(channel);
      } catch (StatusRuntimeException e) {
        throw new AssertionError(each.getKey() + ": " + target, e);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private void isAnswered(Channel channel) {
    assertThat(Echo.who(channel)).isEqualTo(echo.endpoint + " orders");
  }

  private void isAnswered(String target) throws Exception {
    withEachBuilder(filled(target), this::isAnswered);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "peer://FOUR/orders",
        "peer://SIX/orders",
        "peer:///orders?via=FOUR",
        "peer:///orders?via=%5BSIX",
        "peer:///orders?via=DEAD,FOUR",
        "peer:///orders?via=DEAD,%5BSIX",
        "peer:///orders?via=%5BSIX,FOUR&namespace=shop&providers=7,8",
        "peer://FOUR/orders?providers=7",
        "peer://%3A_,%3A_/orders"
      })
  void aTarget_thatNamesNodes(String target) throws Exception {
    isAnswered(target);
    assertThat(network.namespaces)
        .isNotEmpty()
        .containsOnly(target.contains("namespace") ? "shop" : "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"FOUR", "SIX", "DEAD,FOUR", " DEAD, SIX "})
  void aTarget_thatNamesNoNode_asksThoseOfTheProcess(String nodes) throws Exception {
    System.setProperty("peer.node", filled(nodes));
    isAnswered("peer:///orders");
    isAnswered("peer:///orders?namespace=shop");
  }

  @Test
  void onlyProvidersOfTheTarget_orOfTheProcess_areCalled() throws Exception {
    System.setProperty("peer.providers", "8,9");
    withEachBuilder(
        filled("peer://FOUR/orders"),
        channel ->
            assertThat(error(channel)).contains("service orders", "nodes that may provide it"));
    isAnswered("peer://FOUR/orders?providers=7");
    System.setProperty("peer.providers", "7");
    isAnswered("peer://FOUR/orders");
    withEachBuilder(
        filled("peer://FOUR/orders?providers=8"),
        channel -> assertThat(error(channel)).contains("nodes that may provide it"));
  }

  private static String error(Channel channel) {
    StatusRuntimeException failed =
        catchThrowableOfType(StatusRuntimeException.class, () -> Echo.who(channel));
    assertThat(failed).isNotNull();
    return String.valueOf(failed.getStatus().getDescription());
  }

  @Test
  void anEmbeddedNode_isAskedWhereATargetNamesNone() throws Exception {
    ManagedChannel embedded =
        NettyChannelBuilder.forTarget("dns:///" + four.endpoint).usePlaintext().build();
    PeerNameResolverProvider provider = PeerNameResolverProvider.over(embedded);
    NameResolverRegistry.getDefaultRegistry().register(provider);
    try {
      System.setProperty("peer.node", dead.endpoint.toString());
      isAnswered("peer:///orders");
      isAnswered("peer://SIX/orders");
    } finally {
      NameResolverRegistry.getDefaultRegistry().deregister(provider);
      embedded.shutdownNow();
    }
  }

  @Test
  void withoutAny_theNodeOfThisMachineIsAsked() throws Exception {
    // Nothing that a test starts is there; a node of the developer's may be.
    withEachBuilder(
        "peer:///no-such-service",
        channel ->
            assertThat(error(channel))
                .startsWith("service no-such-service: ")
                .containsPattern("127\\.0\\.0\\.1:7400|no instance is registered"));
  }

  /** What a process calls whose environment names nodes and providers. */
  static final class InAnotherProcess {
    private InAnotherProcess() {}

    public static void main(String[] arguments) {
      ManagedChannel channel = NettyChannelBuilder.forTarget(arguments[0]).usePlaintext().build();
      String answer;
      try {
        answer = Echo.who(channel);
      } catch (StatusRuntimeException e) {
        answer = e.getStatus().toString();
      }
      channel.shutdownNow();
      System.out.println("answer=" + answer);
      System.exit(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PEER_NODE=DEAD,SIX                  | answer=ECHO orders
          PEER_NODE=FOUR;PEER_PROVIDERS=8     | nodes that may provide it
          """)
  void theEnvironment_saysWhichNodesAndProviders(String environment, String said) throws Exception {
    ProcessBuilder java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                InAnotherProcess.class.getName(),
                "peer:///orders")
            .redirectErrorStream(true);
    for (String variable : filled(environment).split(";", -1)) {
      int sign = variable.indexOf('=');
      java.environment().put(variable.substring(0, sign), variable.substring(sign + 1));
    }
    Process process = java.start();
    try {
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(out).contains(said.replace("ECHO", echo.endpoint.toString()));
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          peer:orders                          | must be peer:///SERVICE
          peer:///                             | service: the name must be
          peer:///a/b                          | service: the name must be
          peer://host/orders                   | no port
          peer://a:70000/orders                | port: must be
          peer:///orders?colour=red            | parameters are via
          peer://a:1/orders?via=b:2            | parameters are via
          peer:///orders?via=b                 | no port
          peer:///orders?via=http://b:80       | it has a scheme
          peer:///orders?via=a:1,,b:2          | endpoint: empty
          peer:///orders?namespace=a/b         | namespace: must be
          peer:///orders?providers=x           | id:
          peer:///orders#x                     | must be peer:///SERVICE
          peer://a:1,b:2/orders                | a:1,b:2
          peer:///orders?via=[::1]:7400        | Invalid character in query
          """)
  void whatMakesNoSense_isRefusedByTheBuilder(String target, String message) {
    BUILDERS.forEach(
        (name, builder) ->
            assertThatThrownBy(() -> builder.apply(target).build())
                .as(name)
                .isInstanceOf(IllegalArgumentException.class)
                .hasStackTraceContaining(message));
  }

  @Test
  void aProcessThatNamesNoNode_isRefusedByTheBuilder() {
    System.setProperty("peer.node", "http://127.0.0.1:7400");
    BUILDERS.forEach(
        (name, builder) ->
            assertThatThrownBy(() -> builder.apply("peer:///orders").build())
                .as(name)
                .hasMessageContaining("it has a scheme"));
  }
}
