package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import org.junit.jupiter.api.Test;

class CallKindsTest {
  private static final CallKinds OWN =
      CallKinds.ofOwnServer(PeerServiceGrpc.getServiceDescriptor());
  private static final CallKinds HOST = CallKinds.inHost(PeerServiceGrpc.getServiceDescriptor());

  private static void assertAll(CallKinds kinds, ServiceDescriptor service, CallKinds.Kind kind) {
    for (MethodDescriptor<?, ?> method : service.getMethods()) {
      assertThat(kinds.of(method.getFullMethodName()))
          .as(method.getFullMethodName())
          .isEqualTo(kind);
    }
  }

  @Test
  void everyMethodOfAService_isForWhatTheServiceIsFor() {
    for (CallKinds kinds : new CallKinds[] {OWN, HOST}) {
      assertAll(kinds, AdminServiceGrpc.getServiceDescriptor(), CallKinds.Kind.APPLICATION);
      assertAll(kinds, DiscoveryServiceGrpc.getServiceDescriptor(), CallKinds.Kind.APPLICATION);
      assertThat(kinds.of(PeerServiceGrpc.getFindNodeMethod().getFullMethodName()))
          .isEqualTo(CallKinds.Kind.PEER);
      assertThat(kinds.of(PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName()))
          .isEqualTo(CallKinds.Kind.PEER_STREAM);
    }
    assertAll(OWN, HealthGrpc.getServiceDescriptor(), CallKinds.Kind.HEALTH);
    assertAll(OWN, ServerReflectionGrpc.getServiceDescriptor(), CallKinds.Kind.APPLICATION);
    assertThat(OWN.methods()).contains("grpc.health.v1.Health/Check").isSorted();
  }

  @Test
  void whatIsNotKnown_isAsOfAPeer_andInAHostsServerTheHosts() {
    assertThat(OWN.of("no.Such/Method")).isEqualTo(CallKinds.Kind.UNKNOWN);
    assertThat(OWN.isOwnServer()).isTrue();
    assertThat(HOST.of("no.Such/Method")).isEqualTo(CallKinds.Kind.OF_HOST);
    assertAll(HOST, HealthGrpc.getServiceDescriptor(), CallKinds.Kind.OF_HOST);
    assertThat(HOST.isOwnServer()).isFalse();
  }
}
