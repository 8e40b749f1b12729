package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.client.tls.PeerTls;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which limit refuses a call, by what it is for and by who calls, at a time that the test says. */
class AdmissionTest {
  private static final long SECOND = 1_000_000_000;
  private static final MethodDescriptor<?, ?> PING = PeerServiceGrpc.getPingMethod();
  private static final MethodDescriptor<?, ?> HEALTH = HealthGrpc.getCheckMethod();
  private static final MethodDescriptor<?, ?> RESOLVE = DiscoveryServiceGrpc.getResolveMethod();
  private static final MethodDescriptor<?, ?> UNKNOWN =
      PeerServiceGrpc.getPingMethod().toBuilder().setFullMethodName("no.Such/Method").build();

  private long nowNanos;
  private final Counters counters = new Counters();
  private final List<String> cutOff = new ArrayList<>();

  /** Begun at the first connection, when the limits are known. */
  private @Nullable Admission admission;

  private Limits limits = Limits.defaults();

  private Admission admission() {
    @Nullable Admission made = admission;
    if (made == null) {
      made =
          new Admission(
              limits,
              PeerTls.off(),
              CallKinds.ofOwnServer(PeerServiceGrpc.getServiceDescriptor()),
              ThisMachine.LOOPBACK,
              new Clock(() -> nowNanos),
              counters);
      admission = made;
    }
    return made;
  }

  /** The attributes of a new connection, at the first listener. */
  private Attributes connect(String host) throws UnknownHostException {
    return connect(admission().gate(), host);
  }

  private Attributes connect(Gate gate, String host) throws UnknownHostException {
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
    return gate.connections()
        .transportReady(
            Attributes.newBuilder()
                .set(
                    Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
                    new InetSocketAddress(InetAddress.getByName(host), 1))
                .set(Accepted.KEY, accepted)
                .build());
  }

  private Call call(Attributes connection, MethodDescriptor<?, ?> method) {
    return call(connection, method, new Metadata());
  }

  private Call call(Attributes connection, MethodDescriptor<?, ?> method, Metadata headers) {
    Call call = new Call(connection, method);
    call.tracer =
        admission().gate().calls().newServerStreamTracer(method.getFullMethodName(), headers);
    call.tracer.serverCallStarted(new Begun(connection));
    call.listener =
        admission()
            .interceptCall(
                call,
                headers,
                (let, in) -> {
                  call.wasLetIn = true;
                  return new ServerCall.Listener<>() {};
                });
    return call;
  }

  /** How many of so many calls are let in, each of which ends at once. */
  private int letIn(Attributes connection, MethodDescriptor<?, ?> method, int calls) {
    int letIn = 0;
    for (int i = 0; i < calls; i++) {
      letIn += call(connection, method).end() ? 1 : 0;
    }
    return letIn;
  }

  private long refused(CallLimit limit) {
    return counters.counter("refused.OVERLOADED." + limit).sum();
  }

  @Test
  void callsOfOneCaller_areLetInAtItsRate_whateverTheyAre() throws Exception {
    limits = Limits.builder().callsPerSecondPerPeer(5).build();
    Attributes stranger = connect("10.0.0.1");
    assertThat(letIn(stranger, PING, 3)).isEqualTo(3);
    assertThat(letIn(stranger, UNKNOWN, 1)).isEqualTo(1);
    assertThat(letIn(stranger, RESOLVE, 10)).isEqualTo(1);
    assertThat(letIn(stranger, UNKNOWN, 10) + letIn(stranger, PING, 10)).isZero();
    assertThat(refused(CallLimit.PEER)).isEqualTo(9 + 20);
    assertThat(letIn(connect("10.0.0.2"), PING, 1)).isEqualTo(1);
    nowNanos += SECOND;
    assertThat(letIn(stranger, PING, 10)).isEqualTo(5);
  }

  @Test
  void callsOfOneSubnet_areLetInAtItsRate() throws Exception {
    limits = Limits.builder().callsPerSecondPerPeer(5).callsPerSecondPerSubnet(7).build();
    assertThat(letIn(connect("8.8.8.1"), PING, 10)).isEqualTo(5);
    assertThat(letIn(connect("8.8.8.2"), PING, 10)).isEqualTo(2);
    assertThat(letIn(connect("8.8.9.1"), PING, 10)).isEqualTo(5);
    assertThat(refused(CallLimit.SUBNET)).isEqualTo(3);
  }

  @Test
  void callsInAll_areLetInAtTheRateOfAll_andApplicationsAtOneOfTheirOwn() throws Exception {
    limits = Limits.builder().callsPerSecond(6).build();
    Attributes here = connect("127.0.0.1");
    assertThat(letIn(here, PING, 3) + letIn(connect("10.0.0.1"), UNKNOWN, 10)).isEqualTo(6);
    assertThat(refused(CallLimit.TOTAL)).isEqualTo(7);
    assertThat(letIn(here, RESOLVE, 10)).isEqualTo(6);
    assertThat(refused(CallLimit.APPLICATIONS)).isEqualTo(4);
    assertThat(letIn(connect("10.0.0.2"), HEALTH, 10)).isEqualTo(10);
  }

  @Test
  void applications_haveNoRateOfTheirCaller_hereAndAtTheSecondListener() throws Exception {
    limits = Limits.builder().callsPerSecondPerPeer(1).build();
    assertThat(letIn(connect("127.0.0.1"), RESOLVE, 100)).isEqualTo(100);
    Gate second = admission().secondGate(PeerTls.off());
    assertThat(letIn(connect(second, "10.0.0.1"), RESOLVE, 100)).isEqualTo(100);
    assertThat(letIn(connect("10.0.0.1"), RESOLVE, 100)).isEqualTo(1);
    assertThat(letIn(Attributes.EMPTY, RESOLVE, 100)).as("of no known connection").isEqualTo(100);
  }

  @Test
  void health_takesFromAShareOfItsOwn_ofItsCallerAndItsSubnet() throws Exception {
    limits = Limits.builder().healthPerSecondPerPeer(2).callsPerSecondPerPeer(1).build();
    Attributes stranger = connect("8.8.8.1");
    assertThat(letIn(stranger, PING, 5)).isEqualTo(1);
    assertThat(letIn(stranger, HEALTH, 5)).isEqualTo(2);
    assertThat(refused(CallLimit.HEALTH)).isEqualTo(3);
    int ofSubnet = 2;
    for (int i = 2; i < 30; i++) {
      ofSubnet += letIn(connect("8.8.8." + i), HEALTH, 5);
    }
    assertThat(ofSubnet).isEqualTo(20);
    assertThat(refused(CallLimit.SUBNET_HEALTH)).isPositive();
    nowNanos += SECOND;
    assertThat(letIn(stranger, HEALTH, 5)).isEqualTo(2);
    assertThat(letIn(Attributes.EMPTY, HEALTH, 5)).isEqualTo(5);
  }

  @Test
  void callsThatAreHeldOpen_areBoundedOfTheirCaller_andGiveBackWhatTheyTook() throws Exception {
    limits = Limits.builder().callsInFlightPerPeer(2).build();
    Attributes stranger = connect("10.0.0.1");
    List<Call> held = List.of(call(stranger, PING), call(stranger, PING));
    assertThat(held).allMatch(call -> call.wasLetIn);
    List<Call> refused = List.of(call(stranger, PING), call(stranger, HEALTH));
    assertThat(refused).noneMatch(call -> call.wasLetIn);
    assertThat(refused(CallLimit.PEER_IN_FLIGHT)).isEqualTo(2);
    assertThat(refused.get(0).closed).as("before its request is whole").isNull();
    // One more is a crowd, and not waited for.
    Call crowded = call(stranger, PING);
    assertThat(crowded.closed).isNotNull();
    crowded.end();
    refused.forEach(Call::end);
    assertThat(refused.get(0).closed).isNotNull();
    assertThat(call(stranger, PING).wasLetIn).isFalse();
    held.forEach(Call::end);
    assertThat(letIn(stranger, PING, 5)).isEqualTo(5);
  }

  @Test
  void callsThatAreHeldOpen_areBoundedOfTheirSubnet() throws Exception {
    limits = Limits.builder().callsInFlightPerSubnet(2).build();
    call(connect("8.8.8.1"), PING);
    call(connect("8.8.8.2"), PING);
    Attributes third = connect("8.8.8.3");
    assertThat(call(third, PING).wasLetIn).isFalse();
    assertThat(call(third, HEALTH).wasLetIn).isFalse();
    assertThat(refused(CallLimit.SUBNET_IN_FLIGHT)).isEqualTo(2);
    assertThat(call(connect("8.8.9.1"), PING).wasLetIn).isTrue();
  }

  @Test
  void callsUnderWayInAll_areBounded_thoseOfApplicationsApart_andRefusedOnesAreNone()
      throws Exception {
    limits = Limits.builder().callsInFlight(2).build();
    Attributes here = connect("127.0.0.1");
    Attributes stranger = connect("10.0.0.1");
    Call first = call(here, PING);
    call(stranger, UNKNOWN);
    for (int i = 0; i < 5; i++) {
      assertThat(call(stranger, PING).wasLetIn).isFalse();
    }
    assertThat(refused(CallLimit.IN_FLIGHT)).isEqualTo(5);
    Call resolve = call(here, RESOLVE);
    call(here, RESOLVE);
    for (int i = 0; i < 5; i++) {
      assertThat(call(here, RESOLVE).wasLetIn).isFalse();
    }
    assertThat(refused(CallLimit.APPLICATIONS_IN_FLIGHT)).isEqualTo(5);
    first.end();
    resolve.end();
    assertThat(call(stranger, PING).wasLetIn).isTrue();
    assertThat(call(here, RESOLVE).wasLetIn).isTrue();
  }

  /** Or the limit would move with each call that is refused. */
  @Test
  void refusedCallsThatAreOver_leaveTheLimitWhereItIs() throws Exception {
    limits = Limits.builder().callsInFlight(2).build();
    Attributes here = connect("127.0.0.1");
    for (MethodDescriptor<?, ?> method : List.of(PING, RESOLVE)) {
      List<Call> held = List.of(call(here, method), call(here, method));
      for (int i = 0; i < 5; i++) {
        assertThat(call(here, method).end()).isFalse();
        Call cancelled = call(here, method);
        cancelled.cancel();
        assertThat(cancelled.wasLetIn).isFalse();
      }
      held.get(0).end();
      Call last = call(here, method);
      assertThat(last.wasLetIn).isTrue();
      assertThat(call(here, method).end()).isFalse();
      held.get(1).end();
      last.end();
      assertThat(letIn(here, method, 3)).isEqualTo(3);
    }
  }

  @Test
  void connectionsThatAreTooMany_areToldOfWhat_andThenClosed() throws Exception {
    limits = Limits.builder().connections(2).connectionsPerAddress(1).build();
    connect("10.0.0.1");
    Attributes sameAddress = connect("10.0.0.1");
    assertThat(call(sameAddress, PING).wasLetIn).isFalse();
    assertThat(refused(CallLimit.CONNECTIONS_OF_ADDRESS)).isEqualTo(1);
    assertThatThrownBy(() -> connect("10.0.0.1")).hasMessage("too many connections");
    Attributes second = connect("10.0.0.2");
    Attributes third = connect("127.0.0.1");
    assertThat(call(third, PING).wasLetIn).isFalse();
    assertThat(call(third, RESOLVE).wasLetIn).as("of an application").isTrue();
    assertThat(refused(CallLimit.CONNECTIONS)).isEqualTo(1);
    admission().gate().connections().transportTerminated(second);
    assertThat(call(third, PING).wasLetIn).isTrue();
    admission().gate().connections().transportTerminated(null);
  }

  @Test
  void callerOfMalformedRequests_isRefusedUnheard_forAsLongAsItIsSaid() throws Exception {
    limits = Limits.builder().violations(2).quarantine(Duration.ofSeconds(10)).build();
    Attributes stranger = connect("10.0.0.1");
    admission().violated(call(stranger, PING));
    assertThat(letIn(stranger, PING, 1)).isEqualTo(1);
    admission().violated(call(stranger, PING));
    assertThat(letIn(stranger, PING, 1)).isZero();
    assertThat(refused(CallLimit.QUARANTINE)).isEqualTo(1);
    assertThat(counters.counter("quarantined").sum()).isEqualTo(1);
    nowNanos += 10 * SECOND;
    assertThat(letIn(stranger, PING, 1)).isEqualTo(1);
  }

  @Test
  void compressedRequest_isRefused_onceItIsLetIn() throws Exception {
    limits = Limits.builder().callsPerSecondPerPeer(1).build();
    Attributes stranger = connect("10.0.0.1");
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER), "gzip");
    Call call = call(stranger, PING, headers);
    assertThat(call.wasLetIn).isFalse();
    assertThat(call.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
    Call next = call(stranger, PING, headers);
    next.end();
    assertThat(next.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  /** Its own resets, too, where the node does not wait for the end of a request. */
  @Test
  void strangerWhoseCallsAreACrowd_losesItsConnection() throws Exception {
    limits = Limits.builder().callsInFlightPerPeer(1).resetsPerWindow(10).build();
    Attributes stranger = connect("10.0.0.1");
    call(stranger, PING);
    call(stranger, PING);
    for (int i = 0; i < 10; i++) {
      call(stranger, PING);
    }
    assertThat(cutOff).isEmpty();
    call(stranger, PING);
    assertThat(cutOff).hasSize(1);
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

  /** A call whose caller has not said that its request is whole. */
  private static final class Call extends ServerCall<Object, Object> {
    private final Attributes attributes;
    private final MethodDescriptor<Object, Object> method;
    boolean wasLetIn;
    @Nullable Status closed;
    @Nullable ServerStreamTracer tracer;
    ServerCall.@Nullable Listener<Object> listener;

    @SuppressWarnings("unchecked")
    Call(Attributes attributes, MethodDescriptor<?, ?> method) {
      this.attributes = attributes;
      this.method = (MethodDescriptor<Object, Object>) method;
    }

    /** Its request is whole, and then it is over; returns whether it was let in. */
    boolean end() {
      if (listener == null || tracer == null) {
        throw new AssertionError("not begun");
      }
      listener.onHalfClose();
      tracer.streamClosed(Status.OK);
      listener.onComplete();
      return wasLetIn;
    }

    /** Its caller gives up. */
    void cancel() {
      if (listener == null || tracer == null) {
        throw new AssertionError("not begun");
      }
      tracer.streamClosed(Status.CANCELLED);
      listener.onCancel();
    }

    Status.@Nullable Code code() {
      return closed == null ? null : closed.getCode();
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void request(int count) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(Object message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      assertThat(closed).as("closed twice").isNull();
      closed = status;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Object, Object> getMethodDescriptor() {
      return method;
    }
  }
}
