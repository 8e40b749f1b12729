package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.ErrorInfo;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Streams are counted for as long as they are open, and the limit that is reached is named. */
class StreamLimitTest {
  private final Sources sources = new Sources(Limits.defaults(), ThisMachine.LOOPBACK, false);
  private final StreamLimit limit = StreamLimit.ofApplications(2);

  private Sources.Connection connect() {
    return sources.opened(null, Optional.empty(), Optional.empty()).orElseThrow();
  }

  /** The handler's listener, or nothing when the call was refused. */
  private static Optional<ServerCall.Listener<String>> begin(StreamLimit limit, Stream call) {
    boolean[] hasBegun = {false};
    ServerCall.Listener<String> listener =
        limit.interceptCall(
            call,
            new Metadata(),
            (accepted, headers) -> {
              hasBegun[0] = true;
              return new ServerCall.Listener<>() {};
            });
    if (!hasBegun[0]) {
      listener.onHalfClose();
      listener.onComplete();
    }
    return hasBegun[0] ? Optional.of(listener) : Optional.empty();
  }

  @Test
  void streamThatEnds_howeverItEnds_leavesNothingBehind() {
    Sources.Connection connection = connect();
    for (int i = 0; i < 1000; i++) {
      begin(limit, new Stream(connection)).orElseThrow().onComplete();
      begin(limit, new Stream(connection)).orElseThrow().onCancel();
    }
    assertThat(limit.open()).isZero();
    assertThat(limit.connections()).isZero();
  }

  @Test
  void streamThatIsRefused_leavesNothingBehind_andTheOthersTheirPlaces() {
    Sources.Connection connection = connect();
    ServerCall.Listener<String> first = begin(limit, new Stream(connection)).orElseThrow();
    ServerCall.Listener<String> second = begin(limit, new Stream(connection)).orElseThrow();
    for (int i = 0; i < 1000; i++) {
      assertThat(begin(limit, new Stream(connection))).isEmpty();
    }
    assertThat(limit.open()).isEqualTo(2);
    first.onComplete();
    ServerCall.Listener<String> third = begin(limit, new Stream(connection)).orElseThrow();
    assertThat(begin(limit, new Stream(connection))).isEmpty();
    second.onCancel();
    third.onComplete();
    assertThat(limit.open()).isZero();
    assertThat(limit.connections()).isZero();
  }

  @Test
  void handlerThatFails_leavesNothingBehind() {
    Sources.Connection connection = connect();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(
              () ->
                  limit.interceptCall(
                      new Stream(connection),
                      new Metadata(),
                      (call, headers) -> {
                        throw new IllegalStateException("broken");
                      }))
          .hasMessage("broken");
    }
    assertThat(limit.open()).isZero();
    assertThat(limit.connections()).isZero();
  }

  @Test
  void handler_hearsOfTheEnd() {
    List<String> heard = new ArrayList<>();
    ServerCall.Listener<String> handler =
        new ServerCall.Listener<>() {
          @Override
          public void onCancel() {
            heard.add("cancel");
          }

          @Override
          public void onComplete() {
            heard.add("complete");
          }
        };
    for (int i = 0; i < 2; i++) {
      ServerCall.Listener<String> listener =
          limit.interceptCall(new Stream(connect()), new Metadata(), (call, headers) -> handler);
      if (i == 0) {
        listener.onCancel();
      } else {
        listener.onComplete();
      }
    }
    assertThat(heard).containsExactly("cancel", "complete");
  }

  /** Until its request is whole it is not answered, so it has to be read on. */
  @Test
  void refusedStream_isReadToItsEnd_andThenAnswered() {
    StreamLimit none = StreamLimit.ofApplications(1);
    Sources.Connection connection = connect();
    assertThat(begin(none, new Stream(connection))).isPresent();
    Stream refused = new Stream(connection);
    ServerCall.Listener<String> listener =
        none.interceptCall(
            refused, new Metadata(), (call, headers) -> new ServerCall.Listener<>() {});
    assertThat(refused.requested).isPositive();
    assertThat(refused.closed).isNull();
    listener.onHalfClose();
    assertThat(refused.closed).isNotNull();
  }

  @Test
  void connections_areCountedApart() {
    Sources.Connection one = connect();
    Sources.Connection other = connect();
    assertThat(begin(limit, new Stream(one))).isPresent();
    assertThat(begin(limit, new Stream(one))).isPresent();
    assertThat(begin(limit, new Stream(one))).isEmpty();
    ServerCall.Listener<String> ofOther = begin(limit, new Stream(other)).orElseThrow();
    assertThat(limit.connections()).isEqualTo(2);
    ofOther.onComplete();
    assertThat(limit.connections()).isEqualTo(1);
  }

  @Test
  void callsThatAreNoStreams_passUncounted() {
    Sources.Connection connection = connect();
    for (int i = 0; i < 100; i++) {
      Stream call = new Stream(connection, MethodDescriptor.MethodType.UNARY);
      assertThat(begin(limit, call)).isPresent();
    }
    assertThat(limit.open()).isZero();
  }

  @Test
  void oneStreamOfAnApplicationTooMany_isToldWhichLimitItIs_andWhatSetsIt() throws Exception {
    Sources.Connection connection = connect();
    assertThat(begin(limit, new Stream(connection))).isPresent();
    assertThat(begin(limit, new Stream(connection))).isPresent();
    Stream third = new Stream(connection);
    assertThat(begin(limit, third)).isEmpty();
    third.assertRefused(
        "FULL", "too many streams of one connection: at most 2, set by --streams-per-connection");
  }

  @Test
  void streamsInAll_areBounded_alsoWithoutAConnection() throws Exception {
    StreamLimit ofPeers =
        StreamLimit.ofPeers(Limits.defaults().toBuilder().callsInFlight(3).build());
    List<ServerCall.Listener<String>> open = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      open.add(begin(ofPeers, new Stream(null)).orElseThrow());
    }
    Stream fourth = new Stream(connect());
    assertThat(begin(ofPeers, fourth)).isEmpty();
    fourth.assertRefused("OVERLOADED", "too many streams of peers in all: at most 3");
    assertThat(ofPeers.connections()).isZero();
    open.forEach(ServerCall.Listener::onCancel);
    assertThat(ofPeers.open()).isZero();
    for (int i = 0; i < 1024; i++) {
      assertThat(begin(limit, new Stream(null))).isPresent();
    }
    Stream tooMany = new Stream(null);
    assertThat(begin(limit, tooMany)).isEmpty();
    tooMany.assertRefused("OVERLOADED", "too many streams of applications in all: at most 1024");
  }

  /** A call that notes how it was closed. */
  private static final class Stream extends ServerCall<String, String> {
    private final Attributes attributes;
    private final MethodDescriptor<String, String> method;
    private @Nullable StatusRuntimeException closed;
    private int requested;

    Stream(Sources.@Nullable Connection connection) {
      this(connection, MethodDescriptor.MethodType.SERVER_STREAMING);
    }

    Stream(Sources.@Nullable Connection connection, MethodDescriptor.MethodType type) {
      this.attributes = connection == null ? Attributes.EMPTY : connection.in(Attributes.EMPTY);
      this.method =
          MethodDescriptor.<String, String>newBuilder()
              .setType(type)
              .setFullMethodName("s/Watch")
              .setRequestMarshaller(new Unread())
              .setResponseMarshaller(new Unread())
              .build();
    }

    void assertRefused(String reason, String detail) throws Exception {
      StatusRuntimeException refusal = closed;
      if (refusal == null) {
        throw new AssertionError("not refused");
      }
      assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(refusal.getStatus().getDescription()).isEqualTo(detail);
      assertThat(
              StatusProto.fromThrowable(refusal).getDetails(0).unpack(ErrorInfo.class).getReason())
          .isEqualTo(reason);
    }

    @Override
    public Attributes getAttributes() {
      return attributes;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      closed = status.asRuntimeException(trailers);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      return method;
    }
  }

  private static final class Unread implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public String parse(InputStream stream) {
      return "";
    }
  }
}
