package dev.peerdiscovery.client.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.client.Ed25519;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.lang.reflect.Proxy;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

/**
 * To whom a call is sent: to the node that it is for, as the certificate of the connection says.
 */
class WantedPeerTest {
  private static final KeyedCertificate THERE =
      ThrowAwayCertificates.make(
          Ed25519.generate(), Instant.parse("2030-01-01T00:00:00Z"), Duration.ofHours(1));

  private Status failed = Status.OK;
  private boolean sent;

  private void ask(NodeId wanted, Attributes connection) {
    failed = Status.OK;
    sent = false;
    new WantedPeer(wanted)
        .applyRequestMetadata(
            new CallCredentials.RequestInfo() {
              @Override
              public MethodDescriptor<?, ?> getMethodDescriptor() {
                return PeerServiceGrpc.getPingMethod();
              }

              @Override
              public SecurityLevel getSecurityLevel() {
                return SecurityLevel.PRIVACY_AND_INTEGRITY;
              }

              @Override
              public String getAuthority() {
                return "somewhere";
              }

              @Override
              public Attributes getTransportAttrs() {
                return connection;
              }
            },
            Runnable::run,
            new CallCredentials.MetadataApplier() {
              @Override
              public void apply(Metadata headers) {
                sent = headers.keys().isEmpty();
              }

              @Override
              public void fail(Status status) {
                failed = status;
              }
            });
  }

  /** A connection whose other end showed these certificates, or none. */
  private static Attributes connection(Certificate... shown) {
    Map<Object, Object> values = new HashMap<>();
    SSLSession session =
        (SSLSession)
            Proxy.newProxyInstance(
                WantedPeerTest.class.getClassLoader(),
                new Class<?>[] {SSLSession.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "getPeerCertificates" -> {
                        if (shown.length == 0) {
                          throw new SSLPeerUnverifiedException("none");
                        }
                        yield shown;
                      }
                      case "getValue" -> values.get(arguments[0]);
                      case "putValue" -> values.put(arguments[0], arguments[1]);
                      default -> throw new UnsupportedOperationException(method.getName());
                    });
    return Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session).build();
  }

  private void assertNotSent() {
    assertThat(sent).isFalse();
    assertThat(failed.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(failed.getCause()).isInstanceOf(WantedPeer.OtherPeerException.class);
  }

  @Test
  void theNodeThatIsThere_isSentTheCall_andNobodyElse() {
    Attributes connection = connection(THERE.chain().get(0));
    for (int i = 0; i < 2; i++) {
      ask(THERE.id(), connection);
      assertThat(sent).isTrue();
      assertThat(failed.isOk()).isTrue();
      ask(THERE.id().flip(0), connection);
      assertNotSent();
    }
  }

  @Test
  void whoShowsNoIdentity_isNobody() {
    ask(THERE.id(), Attributes.EMPTY);
    assertNotSent();
    ask(THERE.id(), connection());
    assertNotSent();
  }
}
