package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.id.NodeId;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.Executor;

/**
 * Keeps a call from being sent to another node than the one that it is for. gRPC asks for
 * credentials once a connection is there and before anything goes out on it, and that is the place
 * where its other end is known.
 */
final class WantedPeer extends CallCredentials {
  /** The name of the other node's doing, for {@link TlsFailure}. */
  static final class OtherPeerException extends Exception {
    private static final long serialVersionUID = 1;

    OtherPeerException() {
      super("the certificate there is of another id", null, false, false);
    }
  }

  private final NodeId wanted;

  WantedPeer(NodeId wanted) {
    this.wanted = wanted;
  }

  @Override
  public void applyRequestMetadata(
      RequestInfo request, Executor executor, MetadataApplier applier) {
    if (PeerTls.peerOf(request.getTransportAttrs()).filter(wanted::equals).isPresent()) {
      applier.apply(new Metadata());
    } else {
      applier.fail(Status.UNAUTHENTICATED.withCause(new OtherPeerException()));
    }
  }
}
