package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeHealthTest {
  private final NodeHealth health = new NodeHealth();

  /** Whether liveness, the server as a whole, and the peer service are served. */
  private List<Boolean> served() {
    List<Boolean> served = new ArrayList<>();
    for (String name : List.of("liveness", "", PeerServiceGrpc.SERVICE_NAME)) {
      ((HealthGrpc.HealthImplBase) health.services().getHealthService())
          .check(
              HealthCheckRequest.newBuilder().setService(name).build(),
              new StreamObserver<>() {
                @Override
                public void onNext(HealthCheckResponse response) {
                  served.add(response.getStatus() == ServingStatus.SERVING);
                }

                @Override
                public void onError(Throwable error) {
                  throw new AssertionError(error);
                }

                @Override
                public void onCompleted() {}
              });
    }
    return served;
  }

  @Test
  void aNode_servesWhenItHasJoined() {
    assertThat(served()).containsExactly(true, true, false);
    health.joined();
    assertThat(served()).containsExactly(true, true, true);
  }

  @Test
  void aStuckEngine_servesNothing_untilItGoesOn() {
    health.joined();
    health.alive(false);
    assertThat(served()).containsExactly(false, false, false);
    health.alive(true);
    assertThat(served()).containsExactly(true, true, true);
  }

  @Test
  void joinedWhileStuck_isServedAfterwards() {
    health.alive(false);
    health.joined();
    assertThat(served()).containsExactly(false, false, false);
    health.alive(true);
    assertThat(served()).containsExactly(true, true, true);
  }

  @Test
  void aNodeThatLeaves_servesNothingForGood() {
    health.joined();
    health.leaving();
    health.leaving();
    health.alive(true);
    health.joined();
    assertThat(served()).containsExactly(false, false, false);
  }
}
