package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;

/**
 * Whatever bytes come in for a method of {@code PeerService}, as a request or as an answer, they
 * are read or refused as malformed, and what was read is read again from what it is written to.
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -pl proto -am -Dtest=PeerMethodsFuzzTest#pingRequest      fuzzes one
 * </pre>
 */
class PeerMethodsFuzzTest {
  private static final PeerMethods METHODS =
      new PeerMethods(Network.of("main", IdentityMode.SIGNED, Scope.PRIVATE));

  @FuzzTest(maxDuration = "10m")
  void pingRequest(byte[] bytes) {
    isReadOrRefused(METHODS.ping().getRequestMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void pingResponse(byte[] bytes) {
    isReadOrRefused(METHODS.ping().getResponseMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void findNodeRequest(byte[] bytes) {
    isReadOrRefused(METHODS.findNode().getRequestMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void findNodeResponse(byte[] bytes) {
    isReadOrRefused(METHODS.findNode().getResponseMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void addProviderRequest(byte[] bytes) {
    isReadOrRefused(METHODS.addProvider().getRequestMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void addProviderResponse(byte[] bytes) {
    isReadOrRefused(METHODS.addProvider().getResponseMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void getProvidersRequest(byte[] bytes) {
    isReadOrRefused(METHODS.getProviders().getRequestMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void getProvidersResponse(byte[] bytes) {
    isReadOrRefused(METHODS.getProviders().getResponseMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void watchProvidersRequest(byte[] bytes) {
    isReadOrRefused(METHODS.watchProviders().getRequestMarshaller(), bytes);
  }

  @FuzzTest(maxDuration = "10m")
  void watchProvidersResponse(byte[] bytes) {
    isReadOrRefused(METHODS.watchProviders().getResponseMarshaller(), bytes);
  }

  private static <V> void isReadOrRefused(Marshaller<V> marshaller, byte[] bytes) {
    V read;
    try {
      read = marshaller.parse(new ByteArrayInputStream(bytes));
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      return;
    }
    assertThat(marshaller.parse(marshaller.stream(read))).isEqualTo(read);
  }
}
