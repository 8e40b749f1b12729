package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.engine.Services;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.discovery.v1.Check;
import dev.peerdiscovery.proto.discovery.v1.Instance;
import dev.peerdiscovery.proto.discovery.v1.LookupResponse;
import dev.peerdiscovery.proto.discovery.v1.Peer;
import dev.peerdiscovery.proto.discovery.v1.RegisterRequest;
import dev.peerdiscovery.proto.discovery.v1.Registration;
import java.time.Duration;
import java.util.Locale;

/**
 * The messages of {@code DiscoveryService} as values, and back. What breaks a rule is an {@link
 * IllegalArgumentException} whose message begins with the field.
 */
final class DiscoveryMessages {
  private static final Duration MIN_LEASE = ProviderRecord.MIN_TTL;
  private static final Duration MAX_LEASE = ProviderRecord.MAX_TTL;

  private static final int LEASE_ID_BYTES = 16;

  private final String network;

  DiscoveryMessages(String network) {
    this.network = network;
  }

  NodeId target(ByteString bytes) {
    if (bytes.size() != NodeId.BYTES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "target: must be %d bytes, got %d", NodeId.BYTES, bytes.size()));
    }
    return NodeId.fromBytes(bytes.toByteArray());
  }

  ServiceName service(String service, String namespace) {
    return new ServiceName(namespace.isEmpty() ? network : namespace, service);
  }

  Registrations.Key key(String service, String namespace, boolean hasEndpoint, EndpointOf of) {
    return new Registrations.Key(service(service, namespace), endpoint(hasEndpoint, of));
  }

  /** The endpoint of a message. */
  @FunctionalInterface
  interface EndpointOf {
    dev.peerdiscovery.proto.peer.v1.Endpoint get();
  }

  private static Endpoint endpoint(boolean present, EndpointOf of) {
    if (!present) {
      throw new IllegalArgumentException("endpoint: required");
    }
    try {
      return RecordCodec.decode(of.get());
    } catch (MalformedMessageException e) {
      throw new IllegalArgumentException("endpoint." + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("endpoint." + e.getMessage(), e);
    }
  }

  Registrations.Instance instance(boolean present, Registration message) {
    if (!present) {
      throw new IllegalArgumentException("registration: required");
    }
    Registrations.Key key =
        key(
            message.getService(),
            message.getNamespace(),
            message.hasEndpoint(),
            message::getEndpoint);
    Duration ttl =
        message.hasTtl() ? duration("ttl", message.getTtl()) : ProviderRecord.DEFAULT_TTL;
    return new Registrations.Instance(
        key.service(), key.endpoint(), message.getMetadataMap(), ttl, check(message.getCheck()));
  }

  Duration lease(RegisterRequest request, Duration ttl) {
    Duration lease = request.hasLease() ? duration("lease", request.getLease()) : ttl;
    if (lease.compareTo(MIN_LEASE) < 0 || lease.compareTo(MAX_LEASE) > 0) {
      throw new IllegalArgumentException("lease: must be 10 s to 24 h");
    }
    return lease;
  }

  /** What names a lease; empty when the caller gave nothing. */
  static ByteString leaseId(ByteString bytes) {
    if (!bytes.isEmpty() && bytes.size() != LEASE_ID_BYTES) {
      throw new IllegalArgumentException(
          "lease_id: must be " + LEASE_ID_BYTES + " bytes or none, got " + bytes.size());
    }
    return bytes;
  }

  private static Duration duration(String field, com.google.protobuf.Duration message) {
    if (!Durations.isValid(message)) {
      throw new IllegalArgumentException(field + ": not a valid duration");
    }
    return Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }

  private static InstanceCheck check(Check check) {
    return switch (check) {
      case CHECK_UNSPECIFIED, CHECK_TCP -> InstanceCheck.TCP;
      case CHECK_GRPC_HEALTH -> InstanceCheck.GRPC_HEALTH;
      case CHECK_NONE -> InstanceCheck.NONE;
      case UNRECOGNIZED -> throw new IllegalArgumentException("check: not a known value");
    };
  }

  static LookupResponse response(Event.LookupEnded ended) {
    LookupResponse.Builder response = LookupResponse.newBuilder().setCalls(ended.calls());
    for (Contact contact : ended.result()) {
      Peer.Builder peer = Peer.newBuilder().setId(ByteString.copyFrom(contact.id().toBytes()));
      contact
          .record()
          .content()
          .endpoints()
          .forEach(endpoint -> peer.addEndpoints(RecordCodec.encode(endpoint)));
      response.addPeers(peer);
    }
    return response.build();
  }

  static Instance found(Services.Found found) {
    return present(found.provider()).toBuilder()
        .setRemaining(Durations.fromMillis(Math.max(1, found.remaining().toMillis())))
        .build();
  }

  static Instance present(Provider provider) {
    return gone(provider).toBuilder()
        .putAllMetadata(provider.metadata())
        .setRegistered(provider.content().incarnation())
        .build();
  }

  /** Who it was, and no more. */
  static Instance gone(Provider provider) {
    return Instance.newBuilder()
        .setEndpoint(RecordCodec.encode(provider.endpoint()))
        .setPublisher(ByteString.copyFrom(provider.publisher().toBytes()))
        .build();
  }
}
