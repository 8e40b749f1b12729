package dev.peerdiscovery.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.node.PeerNode;
import dev.peerdiscovery.proto.discovery.v1.DiscoveryServiceGrpc;
import dev.peerdiscovery.proto.discovery.v1.ResolveRequest;
import dev.peerdiscovery.proto.discovery.v1.ResolveResponse;
import dev.peerdiscovery.proto.discovery.v1.WatchRequest;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import dev.peerdiscovery.proto.peer.v1.AddProviderRequest;
import dev.peerdiscovery.proto.peer.v1.GetProvidersRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.proto.peer.v1.ProviderRecord;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import dev.peerdiscovery.proto.peer.v1.SignedProviderRecord;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What strangers make a node keep of services, and what applications are told of it. */
class HostileServicesTest {
  private PeerNode node;
  private ManagedChannel channel;
  private int nobody;

  @BeforeEach
  void start() throws Exception {
    node = PeerNode.builder().id(NodeId.of(1)).listen("127.0.0.1:0").limits(Victim.LIMITS).start();
    node.ready().get(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", node.port()).usePlaintext().build();
    nobody = HostileTest.closedPort();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    node.close();
  }

  private PeerServiceGrpc.PeerServiceBlockingStub peers() {
    return PeerServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private DiscoveryServiceGrpc.DiscoveryServiceBlockingStub applications() {
    return DiscoveryServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Victim.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Has a record kept, with a token of its own. */
  private void add(NodeId publisher, String service, int ttlSeconds) {
    SignedPeerRecord caller = Wire.peer(publisher, "127.0.0.1", nobody);
    ByteString key = Wire.bytes(new ServiceName("default", service).key());
    ByteString token =
        peers()
            .getProviders(
                GetProvidersRequest.newBuilder()
                    .setNetwork(Wire.network())
                    .setKey(key)
                    .setCaller(caller)
                    .build())
            .getToken();
    ProviderRecord record =
        ProviderRecord.newBuilder()
            .setNamespace("default")
            .setService(service)
            .setPublisher(Wire.bytes(publisher))
            .setEndpoint(Wire.endpoint("10.2.0.1", 8080))
            .setTtlSeconds(ttlSeconds)
            .setIncarnation(1)
            .setSequence(1)
            .setToken(token)
            .build();
    peers()
        .addProvider(
            AddProviderRequest.newBuilder()
                .setNetwork(Wire.network())
                .setCaller(caller)
                .setProvider(SignedProviderRecord.newBuilder().setRecord(record.toByteString()))
                .build());
  }

  private Status refusal(NodeId publisher, String service, int ttlSeconds) {
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> add(publisher, service, ttlSeconds));
    assertThat(refused).isNotNull();
    return refused.getStatus();
  }

  private boolean isKept(NodeId publisher, String service) {
    try {
      add(publisher, service, 86_400);
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(e.getStatus().getDescription()).contains("at most");
      return false;
    }
  }

  /**
   * There are no timestamps: what holds for a time is relative, and out of bounds it is refused.
   */
  @Row(32)
  @Test
  void timeToLiveOutOfBounds_isMalformed() {
    for (int wrong : new int[] {0, 9, 86_401, -1, Integer.MAX_VALUE}) {
      Status refused = refusal(NodeId.of(2), "orders", wrong);
      assertThat(refused.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refused.getDescription()).contains("ttl");
    }
    add(NodeId.of(2), "orders", 10);
    add(NodeId.of(3), "orders", 86_400);
    ResolveResponse resolved =
        applications().resolve(ResolveRequest.newBuilder().setService("orders").build());
    assertThat(resolved.getInstancesList())
        .hasSize(2)
        .allSatisfy(
            instance -> assertThat(instance.getRemaining().getSeconds()).isBetween(0L, 86_400L));
    assertThat(resolved.getTruncated()).isFalse();
  }

  @Row(70)
  @Test
  void floodOfKeys_fillsNoMoreThanThePublishersShare() {
    int kept = 0;
    for (int i = 0; i < 300; i++) {
      kept += isKept(NodeId.of(2), "service-" + i) ? 1 : 0;
    }
    assertThat(kept).isEqualTo(256);
    assertThat(isKept(NodeId.of(3), "orders")).as("another publisher's").isTrue();
  }

  @Row(70)
  @Test
  void floodOfProviders_isBounded_andReadInPart_andSaidToBe() {
    int kept = 0;
    for (int i = 0; i < 4_200; i++) {
      kept += isKept(NodeId.of(100 + i), "orders") ? 1 : 0;
    }
    assertThat(kept).isEqualTo(4_096);
    ResolveResponse resolved =
        applications().resolve(ResolveRequest.newBuilder().setService("orders").build());
    assertThat(resolved.getInstancesCount()).isEqualTo(64);
    assertThat(resolved.getTruncated()).isTrue();

    Iterator<WatchResponse> told =
        applications().watch(WatchRequest.newBuilder().setService("orders").build());
    WatchResponse last = told.next();
    while (!last.getSynced()) {
      last = told.next();
    }
    assertThat(last.getTruncated()).isTrue();
  }
}
