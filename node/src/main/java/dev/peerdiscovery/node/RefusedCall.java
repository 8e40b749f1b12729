package dev.peerdiscovery.node;

import dev.peerdiscovery.proto.PreparedRefusal;
import io.grpc.ServerCall;

/**
 * Waits for the end of the request and throws it away unread. Answered before, a request that is
 * still on its way makes gRPC reset the stream, and it counts its own resets, too: whoever asks a
 * little too much would lose its connection and not know why. Only a caller of whose calls twice as
 * many are open as may be is not waited for.
 */
final class RefusedCall<Q> extends ServerCall.Listener<Q> {
  private final ServerCall<Q, ?> call;
  private final PreparedRefusal refusal;
  private final Runnable atEnd;

  /**
   * Begins to wait.
   *
   * @param atEnd told once when the call is over, however that came
   */
  RefusedCall(ServerCall<Q, ?> call, PreparedRefusal refusal, Runnable atEnd) {
    this.call = call;
    this.refusal = refusal;
    this.atEnd = atEnd;
    call.request(2);
  }

  @Override
  public void onHalfClose() {
    refusal.close(call);
  }

  @Override
  public void onComplete() {
    atEnd.run();
  }

  @Override
  public void onCancel() {
    atEnd.run();
  }
}
