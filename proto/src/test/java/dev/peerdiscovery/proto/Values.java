package dev.peerdiscovery.proto;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Draws values of core within their bounds, the bounds included. */
final class Values {
  private static final String NAME =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

  private final RandomGenerator random;

  Values(long seed) {
    this.random = new SplittableRandom(seed);
  }

  NodeId id() {
    return switch (random.nextInt(4)) {
      case 0 -> NodeId.of(random.nextInt(33));
      case 1 -> NodeId.ZERO.complement();
      default -> NodeId.random(random);
    };
  }

  Endpoint endpoint() {
    String host =
        switch (random.nextInt(4)) {
          case 0 -> "10.0." + random.nextInt(256) + "." + random.nextInt(256);
          case 1 -> "2001:db8::" + Integer.toHexString(1 + random.nextInt(0xffff));
          case 2 -> "peer-" + random.nextInt(1000) + ".peers.example";
          default -> "a".repeat(63) + ".example";
        };
    return new Endpoint(host, random.nextBoolean() ? 65535 : 1 + random.nextInt(65535));
  }

  PeerRecord record() {
    List<Endpoint> endpoints =
        Stream.generate(this::endpoint)
            .limit(random.nextInt(PeerRecord.MAX_ENDPOINTS + 1))
            .toList();
    return new PeerRecord(id(), endpoints, random.nextLong(), networkName());
  }

  SignedPeerRecord signedRecord() {
    PeerRecord record = record();
    boolean signed = random.nextInt(4) == 0;
    return new SignedPeerRecord(
        record,
        RecordCodec.encode(record),
        signed ? bytes(32) : Bytes.EMPTY,
        signed ? bytes(64) : Bytes.EMPTY);
  }

  Network network() {
    return new Network(
        networkName(),
        oneOf(List.of(IdentityMode.values())),
        oneOf(List.of(Scope.values())),
        random.nextBoolean() ? 1 : Integer.MAX_VALUE);
  }

  PingRequest pingRequest() {
    return new PingRequest(
        network(),
        maybe(this::signedRecord),
        maybe(this::id),
        endpoint(),
        random.nextBoolean() ? bytes(PingRequest.NONCE_BYTES) : Bytes.EMPTY);
  }

  PingResponse pingResponse() {
    return new PingResponse(
        signedRecord(),
        bytes(random.nextInt(PingResponse.MAX_PROOF_BYTES + 1)),
        maybe(this::endpoint));
  }

  FindNodeRequest findNodeRequest() {
    return new FindNodeRequest(network(), maybe(this::signedRecord), maybe(this::id), id());
  }

  FindNodeResponse findNodeResponse() {
    return new FindNodeResponse(
        Stream.generate(this::signedRecord)
            .limit(random.nextInt(FindNodeResponse.MAX_PEERS + 1))
            .toList());
  }

  ServiceName service() {
    return new ServiceName(networkName(), "s" + networkName());
  }

  Bytes token() {
    return bytes(random.nextInt(ProviderRecord.MAX_TOKEN_BYTES + 1));
  }

  ProviderRecord provider() {
    Map<String, String> metadata = new TreeMap<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      metadata.put("k" + random.nextInt(100), "vü".repeat(random.nextInt(10)));
    }
    return new ProviderRecord(
        service(),
        id(),
        endpoint(),
        metadata,
        Duration.ofSeconds(10 + random.nextInt(86_391)),
        random.nextInt(4) == 0,
        random.nextLong(),
        random.nextLong(),
        token());
  }

  SignedProviderRecord signedProvider() {
    ProviderRecord record = provider();
    boolean signed = random.nextInt(4) == 0;
    return new SignedProviderRecord(
        record,
        ProviderCodec.encode(record),
        signed ? bytes(32) : Bytes.EMPTY,
        signed ? bytes(64) : Bytes.EMPTY);
  }

  HeldProvider held() {
    SignedProviderRecord record = signedProvider();
    long most = record.content().ttl().toMillis();
    long millis = record.content().withdrawn() ? 0 : 1 + random.nextLong(most);
    return new HeldProvider(record, Duration.ofMillis(millis));
  }

  private List<HeldProvider> helds() {
    int size = random.nextInt(HeldProvider.MAX_IN_MESSAGE + 1);
    return Stream.generate(this::held).limit(size).toList();
  }

  AddProviderRequest addProviderRequest() {
    return new AddProviderRequest(
        network(), maybe(this::signedRecord), maybe(this::id), signedProvider());
  }

  GetProvidersRequest getProvidersRequest() {
    return new GetProvidersRequest(
        network(), maybe(this::signedRecord), maybe(this::id), id(), random.nextInt(65));
  }

  GetProvidersResponse getProvidersResponse() {
    return new GetProvidersResponse(
        helds(), random.nextInt(5_000), findNodeResponse().peers(), token());
  }

  WatchProvidersRequest watchProvidersRequest() {
    return new WatchProvidersRequest(network(), maybe(this::signedRecord), maybe(this::id), id());
  }

  ProvidersUpdate providersUpdate() {
    return new ProvidersUpdate(helds(), random.nextBoolean());
  }

  private String networkName() {
    StringBuilder name = new StringBuilder();
    for (int i = 1 + random.nextInt(64); i > 0; i--) {
      name.append(NAME.charAt(random.nextInt(NAME.length())));
    }
    return name.toString();
  }

  private Bytes bytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return Bytes.copyOf(bytes);
  }

  private <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private <T> Optional<T> maybe(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }
}
