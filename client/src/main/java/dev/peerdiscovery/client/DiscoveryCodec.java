package dev.peerdiscovery.client;

import com.google.protobuf.ByteString;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.proto.discovery.v1.Check;
import dev.peerdiscovery.proto.discovery.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Between the messages of {@code discovery.v1} and the values of this package. Decoding throws
 * {@link IllegalArgumentException} for what breaks a rule. Stateless.
 */
final class DiscoveryCodec {
  private DiscoveryCodec() {}

  static dev.peerdiscovery.proto.discovery.v1.Registration encode(
      Registration registration, Optional<String> namespace) {
    return dev.peerdiscovery.proto.discovery.v1.Registration.newBuilder()
        .setService(registration.service())
        .setEndpoint(encode(registration.endpoint()))
        .putAllMetadata(registration.metadata())
        .setTtl(
            com.google.protobuf.Duration.newBuilder().setSeconds(registration.ttl().toSeconds()))
        .setCheck(encode(registration.check()))
        .setNamespace(namespace.orElse(""))
        .build();
  }

  private static Check encode(Registration.Check check) {
    return switch (check) {
      case TCP -> Check.CHECK_TCP;
      case HEALTH -> Check.CHECK_GRPC_HEALTH;
      case NONE -> Check.CHECK_NONE;
    };
  }

  private static dev.peerdiscovery.proto.peer.v1.Endpoint encode(Endpoint endpoint) {
    return dev.peerdiscovery.proto.peer.v1.Endpoint.newBuilder()
        .setHost(endpoint.host())
        .setPort(endpoint.port())
        .build();
  }

  static ByteString encode(NodeId id) {
    return ByteString.copyFrom(id.toBytes());
  }

  static List<Instance> decode(List<dev.peerdiscovery.proto.discovery.v1.Instance> messages) {
    List<Instance> instances = new ArrayList<>();
    for (dev.peerdiscovery.proto.discovery.v1.Instance message : messages) {
      com.google.protobuf.Duration remaining = message.getRemaining();
      instances.add(
          new Instance(
              decode(message.getEndpoint()),
              message.getMetadataMap(),
              decode(message.getPublisher()),
              Duration.ofSeconds(remaining.getSeconds(), remaining.getNanos()),
              message.getRegistered()));
    }
    return instances;
  }

  static ServiceView.Update decode(WatchResponse message) {
    return new ServiceView.Update(
        decode(message.getPresentList()),
        decode(message.getGoneList()).stream().map(Instance::name).toList(),
        message.getSynced(),
        message.getIncarnation(),
        message.getTruncated());
  }

  static List<DiscoveryClient.Peer> decodePeers(
      List<dev.peerdiscovery.proto.discovery.v1.Peer> messages) {
    List<DiscoveryClient.Peer> peers = new ArrayList<>();
    for (dev.peerdiscovery.proto.discovery.v1.Peer message : messages) {
      List<Endpoint> endpoints = new ArrayList<>();
      for (dev.peerdiscovery.proto.peer.v1.Endpoint endpoint : message.getEndpointsList()) {
        endpoints.add(decode(endpoint));
      }
      peers.add(new DiscoveryClient.Peer(decode(message.getId()), endpoints));
    }
    return peers;
  }

  private static Endpoint decode(dev.peerdiscovery.proto.peer.v1.Endpoint message) {
    return new Endpoint(message.getHost(), message.getPort());
  }

  private static NodeId decode(ByteString id) {
    if (id.size() != NodeId.BYTES) {
      throw new IllegalArgumentException("id: not of 32 bytes");
    }
    return NodeId.fromBytes(id.toByteArray());
  }
}
