package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PingRequest;
import dev.peerdiscovery.proto.peer.v1.PingResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreparedRefusalTest {
  private static final class Call extends ServerCall<PingRequest, PingResponse> {
    private final List<Status> ends = new ArrayList<>();
    private final List<Metadata> trailers = new ArrayList<>();

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(PingResponse message) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void close(Status status, Metadata with) {
      ends.add(status);
      trailers.add(with);
    }

    @Override
    public MethodDescriptor<PingRequest, PingResponse> getMethodDescriptor() {
      return PeerServiceGrpc.getPingMethod();
    }
  }

  @Test
  void callersReadOfIt_whatWasRefused_andEachCallHasItsTrailers() {
    Refusal refusal = new Refusal(Refusal.Reason.OVERLOADED, "too much", Duration.ofSeconds(3));
    PreparedRefusal prepared = new PreparedRefusal(refusal);
    Call call = new Call();
    prepared.close(call);
    prepared.close(call);
    assertThat(call.ends).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(Refusals.outcomeOf(call.ends.get(i).asRuntimeException(call.trailers.get(i))))
          .isEqualTo(refusal);
    }
    assertThat(call.trailers.get(0)).isNotSameAs(call.trailers.get(1));
  }
}
