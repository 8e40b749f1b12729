package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallsInFlightTest {
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
  private static final String PING = PeerServiceGrpc.getPingMethod().getFullMethodName();
  private static final String WATCH_PROVIDERS =
      PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName();
  private static final String HEALTH = HealthGrpc.getCheckMethod().getFullMethodName();
  private static final String WATCH = DiscoveryServiceGrpc.getWatchMethod().getFullMethodName();
  private static final String UNKNOWN = "some.Service/Method";
  private static final Limits LIMITS =
      Limits.defaults().toBuilder().callsInFlightPerPeer(2).resetsPerWindow(10).build();

  private final CallsInFlight calls = of(CallKinds.ofOwnServer(service()));
  private final CallsInFlight inHost = of(CallKinds.inHost(service()));
  private final Sources sources = new Sources(LIMITS, ThisMachine.LOOPBACK, false);
  private final List<String> cutOff = new ArrayList<>();

  private static ServiceDescriptor service() {
    return PeerServiceGrpc.getServiceDescriptor();
  }

  private static CallsInFlight of(CallKinds kinds) {
    return new CallsInFlight(kinds, Duration.ofSeconds(5), new Clock());
  }

  private Sources.Connection connect(String host) throws UnknownHostException {
    Accepted accepted =
        new Accepted() {
          @Override
          public void close() {
            throw new AssertionError("to be cut off");
          }

          @Override
          public void cutOff(String why) {
            cutOff.add(why);
          }
        };
    return sources
        .opened(
            new InetSocketAddress(InetAddress.getByName(host), 1),
            Optional.empty(),
            Optional.of(accepted))
        .orElseThrow();
  }

  private ServerStreamTracer begin(Sources.Connection connection, String method) {
    ServerStreamTracer call = calls.newServerStreamTracer(method, new Metadata());
    call.serverCallStarted(new Begun(connection.in(Attributes.EMPTY)));
    return call;
  }

  /** What gRPC tells of a call that has a method. */
  private static final class Begun extends ServerStreamTracer.ServerCallInfo<Object, Object> {
    private final Attributes attributes;

    Begun(Attributes attributes) {
      this.attributes = attributes;
    }

    @Override
    public @Nullable MethodDescriptor<Object, Object> getMethodDescriptor() {
      return null;
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public @Nullable String getAuthority() {
      return null;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5S, 5S",
    "6S, 5000m",
    "5001m, 5000m",
    "100m, 100m",
    "99999999u, 5000m",
    "99999999n, 99999999n",
    "99999999H, 5000m",
    "1M, 5000m",
    "0n, 0n",
    "999999999S, 5000m",
    "+9999999H, 5000m",
    "+1m, 5000m",
    "-1S, 5000m",
    "S, 5000m",
    "5, 5000m",
    "5s, 5000m",
    "'', 5000m",
    "x, 5000m"
  })
  void deadline_isCutToTheLatest_asIsWhatIsNone(String sent, String read) {
    Metadata headers = new Metadata();
    headers.put(TIMEOUT, sent);
    calls.newServerStreamTracer(PING, headers);
    assertThat(headers.getAll(TIMEOUT)).containsExactly(read);
  }

  @Test
  void missingDeadline_isTheLatest() {
    Metadata headers = new Metadata();
    calls.newServerStreamTracer(PING, headers);
    assertThat(headers.get(TIMEOUT)).isEqualTo("5000m");
  }

  @Test
  void callsAreCounted_untilTheyAreOver_andThoseOfOthersNot() {
    ServerStreamTracer one = calls.newServerStreamTracer(PING, new Metadata());
    ServerStreamTracer two = calls.newServerStreamTracer(PING, new Metadata());
    Metadata untouched = new Metadata();
    calls.newServerStreamTracer(WATCH_PROVIDERS, untouched).streamClosed(Status.OK);
    assertThat(untouched.get(TIMEOUT)).isNull();
    assertThat(calls.count()).isEqualTo(2);
    one.streamClosed(Status.OK);
    two.streamClosed(Status.CANCELLED);
    assertThat(calls.count()).isZero();
  }

  /** It stays open until its caller ends it, and may not count for all until then. */
  @Test
  void refusedCall_isNotCounted_neitherBeforeNorAfterItsEnd() {
    ServerStreamTracer refused = calls.newServerStreamTracer(PING, new Metadata());
    calls.refused(CallKinds.Kind.PEER);
    assertThat(calls.count()).isZero();
    calls.newServerStreamTracer(PING, new Metadata());
    refused.streamClosed(Status.CANCELLED);
    calls.refusedEnded(CallKinds.Kind.PEER);
    assertThat(calls.count()).isEqualTo(1);
    calls.refused(CallKinds.Kind.PEER_STREAM);
    assertThat(calls.count()).isEqualTo(1);
  }

  @Test
  void callsOfOneConnection_areCounted_whateverTheyAre_untilTheyAreOver() throws Exception {
    Sources.Connection connection = connect("10.0.0.1");
    Places open = connection.source().share().open();
    List<ServerStreamTracer> begun = new ArrayList<>();
    for (String method : List.of(PING, WATCH_PROVIDERS, HEALTH, WATCH, UNKNOWN)) {
      begun.add(begin(connection, method));
      assertThat(open.taken()).as(method).isEqualTo(begun.size());
    }
    assertThat(calls.count()).as("of peers, and of no known service").isEqualTo(2);
    assertThat(calls.applications()).isEqualTo(1);
    for (ServerStreamTracer call : begun) {
      call.streamClosed(Status.OK);
      call.streamClosed(Status.OK);
    }
    assertThat(open.taken()).isZero();
  }

  @Test
  void endThatIsToldBeforeTheBegin_leavesNothingBehind() throws Exception {
    Sources.Connection connection = connect("10.0.0.1");
    ServerStreamTracer call = calls.newServerStreamTracer(PING, new Metadata());
    call.streamClosed(Status.CANCELLED);
    call.serverCallStarted(new Begun(connection.in(Attributes.EMPTY)));
    assertThat(connection.source().share().open().taken()).isZero();
    assertThat(calls.count()).isZero();
  }

  @Test
  void streamsOfAnApplicationOfThisMachine_takeNothingFromItsOtherCalls() throws Exception {
    Sources.Connection here = connect("127.0.0.1");
    begin(here, WATCH);
    begin(here, WATCH);
    ServerStreamTracer third = begin(here, WATCH);
    assertThat(here.source().share().open().taken()).isZero();
    assertThat(calls.applications()).isEqualTo(3);
    third.streamClosed(Status.OK);
    assertThat(calls.applications()).isEqualTo(2);
    begin(here, HEALTH);
    assertThat(here.source().share().open().taken()).isEqualTo(1);
  }

  @Test
  void refusedCallsOfApplicationsAndUnknownMethods_areNotCounted() {
    calls.newServerStreamTracer(WATCH, new Metadata());
    calls.newServerStreamTracer(UNKNOWN, new Metadata());
    calls.refused(CallKinds.Kind.APPLICATION);
    calls.refused(CallKinds.Kind.UNKNOWN);
    assertThat(calls.applications()).isZero();
    assertThat(calls.count()).isZero();
    calls.refusedEnded(CallKinds.Kind.APPLICATION);
    calls.refusedEnded(CallKinds.Kind.UNKNOWN);
    assertThat(calls.applications()).isEqualTo(1);
    assertThat(calls.count()).isEqualTo(1);
  }

  /** gRPC would end each by itself, and admission never be asked. */
  @Test
  void timeoutsAndCompressionsThatGrpcWouldRefuse_areTakenOut() {
    for (String method : List.of(PING, WATCH_PROVIDERS, HEALTH, WATCH, UNKNOWN)) {
      Metadata headers = new Metadata();
      headers.put(TIMEOUT, "x");
      headers.put(ENCODING, "gzip");
      calls.newServerStreamTracer(method, headers);
      boolean isOverSoon = method.equals(PING) || method.equals(UNKNOWN);
      assertThat(headers.get(TIMEOUT)).as(method).isEqualTo(isOverSoon ? "5000m" : null);
      assertThat(headers.containsKey(ENCODING)).as(method).isFalse();
      assertThat(headers.containsKey(CallsInFlight.COMPRESSED)).as(method).isTrue();
    }
    Metadata plain = new Metadata();
    plain.put(ENCODING, "identity");
    plain.put(TIMEOUT, "9H");
    calls.newServerStreamTracer(WATCH, plain);
    assertThat(plain.get(ENCODING)).isEqualTo("identity");
    assertThat(plain.containsKey(CallsInFlight.COMPRESSED)).isFalse();
    assertThat(plain.get(TIMEOUT)).isEqualTo("9H");
  }

  @Test
  void callsOfTheHostsOwnServices_areItsOwnBusiness() throws Exception {
    Sources.Connection connection = connect("10.0.0.1");
    for (String method : List.of(HEALTH, UNKNOWN)) {
      Metadata headers = new Metadata();
      headers.put(TIMEOUT, "x");
      headers.put(ENCODING, "gzip");
      inHost
          .newServerStreamTracer(method, headers)
          .serverCallStarted(new Begun(connection.in(Attributes.EMPTY)));
      assertThat(headers.get(TIMEOUT)).isEqualTo("x");
      assertThat(headers.get(ENCODING)).isEqualTo("gzip");
    }
    assertThat(connection.source().share().open().taken()).isZero();
    Metadata headers = new Metadata();
    headers.put(ENCODING, "gzip");
    inHost.newServerStreamTracer(PING, headers);
    assertThat(inHost.count()).isEqualTo(1);
    assertThat(headers.get(ENCODING)).isEqualTo("gzip");
    assertThat(headers.get(TIMEOUT)).isEqualTo("5000m");
  }

  @Test
  void strangerThatResetsTooMany_isCutOff_andAnApplicationIsNot() throws Exception {
    Sources.Connection here = connect("127.0.0.1");
    Sources.Connection stranger = connect("10.0.0.1");
    for (int i = 0; i < 10; i++) {
      begin(stranger, PING).streamClosed(Status.CANCELLED);
      begin(stranger, PING).streamClosed(Status.OK);
      begin(stranger, PING).streamClosed(Status.UNAVAILABLE);
    }
    assertThat(cutOff).isEmpty();
    for (int i = 0; i < 100; i++) {
      begin(here, WATCH).streamClosed(Status.CANCELLED);
    }
    assertThat(cutOff).isEmpty();
    begin(stranger, UNKNOWN).streamClosed(Status.CANCELLED);
    begin(stranger, UNKNOWN).streamClosed(Status.CANCELLED);
    assertThat(cutOff)
        .containsExactly("too many streams of one connection reset within 30 s: at most 10");
  }
}
