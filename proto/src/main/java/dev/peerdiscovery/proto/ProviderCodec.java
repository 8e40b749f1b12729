package dev.peerdiscovery.proto;

import static dev.peerdiscovery.proto.Fields.checked;
import static dev.peerdiscovery.proto.Fields.optional;
import static dev.peerdiscovery.proto.Fields.required;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The part of the {@linkplain Codec codec} that is for services. As with the records of peers, the
 * bytes of a record are kept as they came, and a malformed record in an answer is left out, because
 * the responder relays what others made.
 *
 * <p>Stateless; safe for use by several threads.
 */
public final class ProviderCodec {
  private ProviderCodec() {}

  /** Serialises what a node says about an instance: what is signed. */
  public static Bytes encode(ProviderRecord record) {
    var message =
        dev.peerdiscovery.proto.peer.v1.ProviderRecord.newBuilder()
            .setNamespace(record.service().namespace())
            .setService(record.service().name())
            .setPublisher(Fields.bytes(record.publisher()))
            .setEndpoint(RecordCodec.encode(record.endpoint()))
            .putAllMetadata(record.metadata())
            .setTtlSeconds((int) record.ttl().toSeconds())
            .setWithdrawn(record.withdrawn())
            .setIncarnation(record.incarnation())
            .setSequence(record.sequence())
            .setToken(Fields.bytes(record.token()));
    return Bytes.copyOf(message.build().toByteArray());
  }

  /** Parses a serialised record; fields that this version does not know are passed over. */
  public static ProviderRecord decodeRecord(Bytes encoded) throws MalformedMessageException {
    dev.peerdiscovery.proto.peer.v1.ProviderRecord message;
    try {
      message = dev.peerdiscovery.proto.peer.v1.ProviderRecord.parseFrom(encoded.toArray());
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedMessageException("record", "not a serialised ProviderRecord");
    }
    return Fields.in("record", () -> decode(message));
  }

  private static ProviderRecord decode(dev.peerdiscovery.proto.peer.v1.ProviderRecord message)
      throws MalformedMessageException {
    NodeId publisher = Fields.requiredId("publisher", message.getPublisher());
    Endpoint endpoint =
        required(
            "endpoint", message.hasEndpoint(), () -> RecordCodec.decode(message.getEndpoint()));
    return new ProviderRecord(
        new ServiceName(message.getNamespace(), message.getService()),
        publisher,
        endpoint,
        message.getMetadataMap(),
        Duration.ofSeconds(Integer.toUnsignedLong(message.getTtlSeconds())),
        message.getWithdrawn(),
        message.getIncarnation(),
        message.getSequence(),
        Fields.bytes(message.getToken()));
  }

  /** Encodes a record as it travels, its bytes as they are. */
  public static dev.peerdiscovery.proto.peer.v1.SignedProviderRecord encode(
      SignedProviderRecord record) {
    return dev.peerdiscovery.proto.peer.v1.SignedProviderRecord.newBuilder()
        .setRecord(Fields.bytes(record.encoded()))
        .setPublicKey(Fields.bytes(record.publicKey()))
        .setSignature(Fields.bytes(record.signature()))
        .build();
  }

  /** Decodes a record as it travels. It stays unverified. */
  public static SignedProviderRecord decode(
      dev.peerdiscovery.proto.peer.v1.SignedProviderRecord message)
      throws MalformedMessageException {
    if (message.getRecord().isEmpty()) {
      throw new MalformedMessageException("record", "required");
    }
    // Before anything is parsed: the limit also bounds the work.
    int size =
        message.getRecord().size() + message.getPublicKey().size() + message.getSignature().size();
    if (size > SignedProviderRecord.MAX_BYTES) {
      throw new MalformedMessageException(
          "record", "larger than " + SignedProviderRecord.MAX_BYTES + " bytes");
    }
    Bytes encoded = Fields.bytes(message.getRecord());
    return new SignedProviderRecord(
        decodeRecord(encoded),
        encoded,
        Fields.bytes(message.getPublicKey()),
        Fields.bytes(message.getSignature()));
  }

  /**
   * Encodes a record that is kept; what is left of its time is rounded down, but not to nothing.
   */
  public static dev.peerdiscovery.proto.peer.v1.HeldProvider encode(HeldProvider held) {
    long millis = held.remaining().toMillis();
    return dev.peerdiscovery.proto.peer.v1.HeldProvider.newBuilder()
        .setProvider(encode(held.record()))
        .setRemainingMillis(held.remaining().isZero() ? 0 : Math.max(1, millis))
        .build();
  }

  /** Decodes a record that is kept. */
  public static HeldProvider decode(dev.peerdiscovery.proto.peer.v1.HeldProvider message)
      throws MalformedMessageException {
    SignedProviderRecord record =
        required("provider", message.hasProvider(), () -> decode(message.getProvider()));
    long millis = message.getRemainingMillis();
    if (millis < 0 || millis > ProviderRecord.MAX_TTL.toMillis()) {
      throw new MalformedMessageException("remaining_millis", "more than the longest TTL");
    }
    return checked(() -> new HeldProvider(record, Duration.ofMillis(millis)));
  }

  private static List<HeldProvider> decode(
      List<dev.peerdiscovery.proto.peer.v1.HeldProvider> messages)
      throws MalformedMessageException {
    if (messages.size() > HeldProvider.MAX_IN_MESSAGE) {
      throw new MalformedMessageException("providers", "more than " + HeldProvider.MAX_IN_MESSAGE);
    }
    List<HeldProvider> providers = new ArrayList<>();
    for (var message : messages) {
      try {
        providers.add(decode(message));
      } catch (MalformedMessageException e) {
        // Left out.
      }
    }
    return providers;
  }

  /** Encodes an AddProvider. */
  public static dev.peerdiscovery.proto.peer.v1.AddProviderRequest encode(
      AddProviderRequest request) {
    var message =
        dev.peerdiscovery.proto.peer.v1.AddProviderRequest.newBuilder()
            .setNetwork(Codec.encode(request.network()))
            .setProvider(encode(request.provider()));
    request.caller().ifPresent(caller -> message.setCaller(RecordCodec.encode(caller)));
    request.wantedId().ifPresent(id -> message.setWantedId(Fields.bytes(id)));
    return message.build();
  }

  /** Decodes an AddProvider. */
  public static AddProviderRequest decode(
      dev.peerdiscovery.proto.peer.v1.AddProviderRequest message) throws MalformedMessageException {
    Network network =
        required("network", message.hasNetwork(), () -> Codec.decode(message.getNetwork()));
    Optional<SignedPeerRecord> caller =
        optional("caller", message.hasCaller(), () -> RecordCodec.decode(message.getCaller()));
    Optional<NodeId> wantedId = Codec.wantedId(message.hasWantedId(), message.getWantedId());
    SignedProviderRecord provider =
        required("provider", message.hasProvider(), () -> decode(message.getProvider()));
    return new AddProviderRequest(network, caller, wantedId, provider);
  }

  /** Encodes the answer to an AddProvider. */
  public static dev.peerdiscovery.proto.peer.v1.AddProviderResponse encode(
      AddProviderResponse response) {
    return dev.peerdiscovery.proto.peer.v1.AddProviderResponse.newBuilder()
        .setToken(Fields.bytes(response.token()))
        .build();
  }

  /** Decodes the answer to an AddProvider. */
  public static AddProviderResponse decode(
      dev.peerdiscovery.proto.peer.v1.AddProviderResponse message)
      throws MalformedMessageException {
    return checked(() -> new AddProviderResponse(Fields.bytes(message.getToken())));
  }

  /** Encodes a GetProviders. */
  public static dev.peerdiscovery.proto.peer.v1.GetProvidersRequest encode(
      GetProvidersRequest request) {
    var message =
        dev.peerdiscovery.proto.peer.v1.GetProvidersRequest.newBuilder()
            .setNetwork(Codec.encode(request.network()))
            .setKey(Fields.bytes(request.key()))
            .setMaxProviders(request.max());
    request.caller().ifPresent(caller -> message.setCaller(RecordCodec.encode(caller)));
    request.wantedId().ifPresent(id -> message.setWantedId(Fields.bytes(id)));
    return message.build();
  }

  /** Decodes a GetProviders. */
  public static GetProvidersRequest decode(
      dev.peerdiscovery.proto.peer.v1.GetProvidersRequest message)
      throws MalformedMessageException {
    Network network =
        required("network", message.hasNetwork(), () -> Codec.decode(message.getNetwork()));
    NodeId key = Fields.requiredId("key", message.getKey());
    Optional<SignedPeerRecord> caller =
        optional("caller", message.hasCaller(), () -> RecordCodec.decode(message.getCaller()));
    Optional<NodeId> wantedId = Codec.wantedId(message.hasWantedId(), message.getWantedId());
    return checked(
        () -> new GetProvidersRequest(network, caller, wantedId, key, message.getMaxProviders()));
  }

  /** Encodes the answer to a GetProviders. */
  public static dev.peerdiscovery.proto.peer.v1.GetProvidersResponse encode(
      GetProvidersResponse response) {
    var message =
        dev.peerdiscovery.proto.peer.v1.GetProvidersResponse.newBuilder()
            .setHeld(response.held())
            .setToken(Fields.bytes(response.token()));
    response.providers().forEach(held -> message.addProviders(encode(held)));
    response.peers().forEach(peer -> message.addPeers(RecordCodec.encode(peer)));
    return message.build();
  }

  /** Decodes the answer to a GetProviders. */
  public static GetProvidersResponse decode(
      dev.peerdiscovery.proto.peer.v1.GetProvidersResponse message)
      throws MalformedMessageException {
    List<HeldProvider> providers = decode(message.getProvidersList());
    if (message.getPeersCount() > FindNodeResponse.MAX_PEERS) {
      throw new MalformedMessageException("peers", "more than " + FindNodeResponse.MAX_PEERS);
    }
    List<SignedPeerRecord> peers = new ArrayList<>();
    for (var peer : message.getPeersList()) {
      try {
        peers.add(RecordCodec.decode(peer));
      } catch (MalformedMessageException e) {
        // Left out.
      }
    }
    Bytes token = Fields.bytes(message.getToken());
    return checked(() -> new GetProvidersResponse(providers, message.getHeld(), peers, token));
  }

  /** Encodes a WatchProviders. */
  public static dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest encode(
      WatchProvidersRequest request) {
    var message =
        dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest.newBuilder()
            .setNetwork(Codec.encode(request.network()))
            .setKey(Fields.bytes(request.key()));
    request.caller().ifPresent(caller -> message.setCaller(RecordCodec.encode(caller)));
    request.wantedId().ifPresent(id -> message.setWantedId(Fields.bytes(id)));
    return message.build();
  }

  /** Decodes a WatchProviders. */
  public static WatchProvidersRequest decode(
      dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest message)
      throws MalformedMessageException {
    Network network =
        required("network", message.hasNetwork(), () -> Codec.decode(message.getNetwork()));
    NodeId key = Fields.requiredId("key", message.getKey());
    Optional<SignedPeerRecord> caller =
        optional("caller", message.hasCaller(), () -> RecordCodec.decode(message.getCaller()));
    return new WatchProvidersRequest(
        network, caller, Codec.wantedId(message.hasWantedId(), message.getWantedId()), key);
  }

  /** Encodes a message of the stream that answers a WatchProviders. */
  public static dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse encode(
      ProvidersUpdate update) {
    var message =
        dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse.newBuilder()
            .setSynced(update.synced());
    update.providers().forEach(held -> message.addProviders(encode(held)));
    return message.build();
  }

  /** Decodes a message of the stream that answers a WatchProviders. */
  public static ProvidersUpdate decode(
      dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse message)
      throws MalformedMessageException {
    return new ProvidersUpdate(decode(message.getProvidersList()), message.getSynced());
  }
}
