package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    Throwable other =
        Status.INTERNAL.withDescription("Network closed for unknown reason").asRuntimeException();
    assertThat(TlsFailure.of(other, false, false)).isEmpty();
  }

  private static Throwable unavailable(Throwable cause) {
    return Status.UNAVAILABLE.withCause(new IllegalStateException(cause)).asRuntimeException();
  }

  private static String detail(Throwable error, boolean secured) {
    Failure failure = (Failure) TlsFailure.of(error, secured, false).orElseThrow();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.TLS);
    return failure.detail();
  }

  /** They count whether there was a connection or not. */
  @Test
  void whatThisSideFindsWrong_isSaidAsItIs() {
    Throwable otherPeer =
        Status.UNAUTHENTICATED.withCause(new WantedPeer.OtherPeerException()).asRuntimeException();
    assertThat(TlsFailure.of(otherPeer, true, true))
        .hasValueSatisfying(
            outcome ->
                assertThat(((Refusal) outcome).reason()).isEqualTo(Refusal.Reason.OTHER_PEER));
    Throwable expired =
        unavailable(new CertificateRefusedException(PeerTls.Refused.EXPIRED, "it expired"));
    assertThat(detail(expired, true)).isEqualTo("it expired");
    Throwable plain = unavailable(new NotSslRecordException("48545450"));
    assertThat(detail(plain, true)).contains("set tls to off");
    assertThat(TlsFailure.of(plain, false, false)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Received fatal alert: certificate_required | : it wants a certificate of this side
          SSLV3_ALERT_CERTIFICATE_EXPIRED            | : it says that the certificate of this side has expired
          TLSV1_ALERT_UNKNOWN_CA                     | : its authority does not vouch for the certificate of this side
          Received fatal alert: bad_certificate      | : it does not take the certificate of this side
          Received fatal alert: protocol_version     | : it has no TLS 1.3
          something else                             | ''
          """)
  void whatTheOtherSideFindsWrong_isSaidInWords(String alert, String words) {
    Throwable refused = unavailable(new SSLException(alert));
    assertThat(detail(refused, true)).isEqualTo("the other side refuses the TLS handshake" + words);
    assertThat(TlsFailure.of(refused, true, true)).as("there was a connection").isEmpty();
    assertThat(TlsFailure.of(refused, false, false)).as("this side has no TLS").isEmpty();
  }
}
