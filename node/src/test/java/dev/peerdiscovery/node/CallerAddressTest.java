package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallerAddressTest {
  private static final class FakeCall extends ServerCall<String, String> {
    private final Attributes attributes;
    Optional<Status> closedWith = Optional.empty();

    FakeCall(SocketAddress from) {
      attributes = Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, from).build();
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void close(Status status, Metadata trailers) {
      closedWith = Optional.of(status);
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Handler {
    boolean called;

    void handle(ServerInterceptor interceptor, FakeCall call) {
      interceptor.interceptCall(
          call,
          new Metadata(),
          (passed, headers) -> {
            called = true;
            return new ServerCall.Listener<>() {};
          });
    }
  }

  private static SocketAddress from(String address) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(address), 5000);
  }

  private static Attributes call(SocketAddress from) {
    return new FakeCall(from).getAttributes();
  }

  @Test
  void of_tellsWhereTheCallComesFrom() throws Exception {
    assertThat(CallerAddress.of(call(from("10.0.0.1")))).contains(new Endpoint("10.0.0.1", 5000));
    assertThat(CallerAddress.of(call(from("::1")))).contains(new Endpoint("::1", 5000));
    assertThat(CallerAddress.of(call(InetSocketAddress.createUnresolved("host", 5000)))).isEmpty();
    assertThat(CallerAddress.of(call(new InProcessSocketAddress("here")))).isEmpty();
    assertThat(CallerAddress.of(Attributes.EMPTY)).isEmpty();
  }

  @Test
  void toldApart_byAddress_andOnThisMachineByConnection() throws Exception {
    InetAddress other = InetAddress.getByName("10.0.0.1");
    assertThat(CallerAddress.toldApart(call(new InetSocketAddress(other, 1))))
        .isEqualTo(CallerAddress.toldApart(call(new InetSocketAddress(other, 2))))
        .isNotEqualTo(CallerAddress.toldApart(call(from("10.0.0.2"))));
    InetAddress here = InetAddress.getLoopbackAddress();
    assertThat(CallerAddress.toldApart(call(new InetSocketAddress(here, 1))))
        .isNotEqualTo(CallerAddress.toldApart(call(new InetSocketAddress(here, 2))));
    assertThat(CallerAddress.toldApart(Attributes.EMPTY)).isNotEmpty();
  }

  @Test
  void hereOnly_answersThisMachine() throws Exception {
    for (SocketAddress here :
        new SocketAddress[] {
          from("127.0.0.1"), from("127.5.5.5"), from("::1"), new InProcessSocketAddress("here")
        }) {
      Handler handler = new Handler();
      handler.handle(CallerAddress.hereOnly(ThisMachine.LOOPBACK), new FakeCall(here));
      assertThat(handler.called).isTrue();
    }
  }

  @Test
  void hereOnly_refusesEverybodyElse() throws Exception {
    for (SocketAddress there :
        new SocketAddress[] {
          from("10.0.0.1"), from("2001:db8::1"), InetSocketAddress.createUnresolved("host", 5000)
        }) {
      Handler handler = new Handler();
      FakeCall call = new FakeCall(there);
      handler.handle(CallerAddress.hereOnly(ThisMachine.LOOPBACK), call);
      assertThat(handler.called).isFalse();
      assertThat(call.closedWith)
          .hasValueSatisfying(
              status -> assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
    }
  }
}
