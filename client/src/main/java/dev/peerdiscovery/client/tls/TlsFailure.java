package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out of the exceptions of a transport what TLS has to do with them, and says it so that a
 * person knows what to change. gRPC itself says that the peer is unavailable.
 */
final class TlsFailure {
  /** What the other side may answer a handshake with, by what it is called in both libraries. */
  private static final Map<String, String> ALERTS =
      new TreeMap<>(
          Map.of(
              "certificate_required", "it wants a certificate of this side",
              "certificate_expired", "it says that the certificate of this side has expired",
              "unknown_ca", "its authority does not vouch for the certificate of this side",
              "bad_certificate", "it does not take the certificate of this side",
              "certificate_unknown", "it does not take the certificate of this side",
              "protocol_version", "it has no TLS 1.3"));

  private TlsFailure() {}

  /**
   * What TLS made of a call that failed.
   *
   * @param secured whether this side speaks TLS
   * @param connected whether a connection was there, its handshake over
   * @return nothing when it had no part in it
   */
  static Optional<Outcome> of(Throwable error, boolean secured, boolean connected) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof WantedPeer.OtherPeerException) {
        return Optional.of(
            new Refusal(Refusal.Reason.OTHER_PEER, "the certificate there is of another id"));
      }
      if (t instanceof CertificateRefusedException refused) {
        return failure(String.valueOf(refused.getMessage()));
      }
      if (t instanceof NotSslRecordException && secured) {
        return failure("the other side speaks no TLS and this side does; set tls to off");
      }
    }
    if (connected) {
      return Optional.empty();
    }
    return secured ? refusedThere(error) : closedThere(error);
  }

  private static Optional<Outcome> refusedThere(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof SSLException) {
        String said = String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT);
        return failure(
            "the other side refuses the TLS handshake"
                + ALERTS.entrySet().stream()
                    .filter(alert -> said.contains(alert.getKey()))
                    .findFirst()
                    .map(alert -> ": " + alert.getValue())
                    .orElse(""));
      }
    }
    return Optional.empty();
  }

  /**
   * A server that waits for TLS says nothing to those who do not speak it, and closes; where it had
   * not read all that was sent, its system resets the connection.
   */
  private static Optional<Outcome> closedThere(Throwable error) {
    Status status = Status.fromThrowable(error);
    boolean isClosed =
        status.getCause() == null
            && "Network closed for unknown reason".equals(status.getDescription());
    return status.getCode() == Status.Code.UNAVAILABLE && (isClosed || isReset(status.getCause()))
        ? failure(
            "the other side closes connections without TLS, as one does that expects it;"
                + " set tls to peer or ca, as it has it")
        : Optional.empty();
  }

  private static boolean isReset(@Nullable Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof IOException && String.valueOf(t.getMessage()).contains("Connection reset")) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Outcome> failure(String detail) {
    return Optional.of(new Failure(Failure.Kind.TLS, detail));
  }
}
