package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.message.Failure;
import io.grpc.Status;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TlsFailureTest {
  private static Throwable unavailable(String why) {
    return Status.UNAVAILABLE
        .withDescription("io exception")
        .withCause(new IllegalStateException(new IOException(why)))
        .asRuntimeException();
  }

  /** What a server that expects TLS makes of plaintext depends on how much it had read. */
  @Test
  void plaintextThatIsReset_isSaidToNeedTls() {
    Throwable reset =
        unavailable("recvAddress(..) failed with error(-104): Connection reset by peer");
    assertThat(TlsFailure.of(reset, false, false))
        .hasValueSatisfying(
            outcome -> {
              assertThat(((Failure) outcome).kind()).isEqualTo(Failure.Kind.TLS);
              assertThat(((Failure) outcome).detail()).contains("set tls to peer or ca");
            });
    assertThat(TlsFailure.of(reset, false, true)).as("there was a connection").isEmpty();
    assertThat(TlsFailure.of(reset, true, false)).as("this side has TLS").isEmpty();
    assertThat(TlsFailure.of(unavailable("Connection refused"), false, false)).isEmpty();
  }

  @Test
  void plaintextThatIsClosed_isSaidToNeedTls() {
    Throwable closed =
        Status.UNAVAILABLE
            .withDescription("Network closed for unknown reason")
            .asRuntimeException();
    assertThat(TlsFailure.of(closed, false, false)).isPresent();
    assertThat(TlsFailure.of(Status.UNAVAILABLE.asRuntimeException(), false, false))
        .isEqualTo(Optional.empty());
  }
}
