package dev.peerdiscovery.proto;

import dev.peerdiscovery.core.message.Refusal;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Objects;

/**
 * A refusal that was serialised beforehand, so that a server can give it ten thousand times a
 * second: what it costs does not depend on what was asked. Immutable; safe for use by several
 * threads.
 */
public final class PreparedRefusal {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final Status status;
  private final byte[] details;

  /** Prepares a refusal. */
  public PreparedRefusal(Refusal refusal) {
    this.status = Objects.requireNonNull(Refusals.toException(refusal).getStatus());
    this.details = Refusals.message(refusal).toByteArray();
  }

  /** Ends a call with it. */
  public void close(ServerCall<?, ?> call) {
    // gRPC writes into the trailers, so they cannot be shared.
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, details);
    call.close(status, trailers);
  }
}
