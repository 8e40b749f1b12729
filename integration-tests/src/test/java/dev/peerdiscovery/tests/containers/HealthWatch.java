package dev.peerdiscovery.tests.containers;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

/** An open call that nobody ends: it follows the health of a member. */
final class HealthWatch implements StreamObserver<HealthCheckResponse>, AutoCloseable {
  private final ManagedChannel channel;
  private volatile ServingStatus last = ServingStatus.UNKNOWN;

  HealthWatch(Member member) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", member.port(Member.API)).usePlaintext().build();
    HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), this);
  }

  /** What it heard last. */
  ServingStatus last() {
    return last;
  }

  @Override
  public void onNext(HealthCheckResponse response) {
    last = response.getStatus();
  }

  @Override
  public void onError(Throwable error) {
    // Which is how it ends when the member does.
  }

  @Override
  public void onCompleted() {}

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
