package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.Reply;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.core.store.Held;
import dev.peerdiscovery.core.store.Item;
import dev.peerdiscovery.core.store.Limits;
import dev.peerdiscovery.core.store.Store;
import dev.peerdiscovery.core.store.Tokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps provider records for others, hands them out, and tells those who watch a key of each one
 * that it stores. The store and the secret come with the first request that needs them.
 */
final class Storer {
  /** The most streams that are answered, of a key and in all. */
  static final int MAX_STREAMS_PER_KEY = 256;

  static final int MAX_STREAMS = 1_024;

  /** Of a key with more records than this, each stream tells of about so many of them. */
  static final int MAX_FOLLOWED = 256;

  /** A third of the usual TTL. */
  private static final Duration FULL_PAUSE = Duration.ofSeconds(30);

  /** Is told of each record of a key that is stored. */
  @FunctionalInterface
  interface Listener {
    void stored(HeldProvider provider, long nowNanos);
  }

  private record Stream(NodeId key, Listener listener) {}

  private final Lookers lookers;
  private final Limits limits = Limits.defaults();
  private final RandomGenerator secret;
  private final Map<NodeId, List<Listener>> listeners = new HashMap<>();
  private final Map<StreamId, Stream> streams = new LinkedHashMap<>();
  private List<Streamed> undrained = List.of();
  private @Nullable Store<SignedProviderRecord> store;
  private @Nullable Tokens tokens;

  Storer(Lookers lookers, RandomGenerator secret) {
    this.lookers = lookers;
    this.secret = secret;
  }

  Store<SignedProviderRecord> store() {
    if (store == null) {
      store = new Store<>(limits);
    }
    return store;
  }

  private Tokens tokens() {
    if (tokens == null) {
      tokens = new Tokens(secret);
    }
    return tokens;
  }

  /** Forgets what is over. */
  void advance(long nowNanos) {
    if (store != null) {
      store.expire(nowNanos);
    }
  }

  /** Stores a record that a peer brought. */
  Reply answer(AddProviderRequest request, long nowNanos) {
    ProviderRecord record = request.provider().content();
    NodeId publisher = record.publisher();
    if (request.caller().isEmpty() || !request.caller().get().id().equals(publisher)) {
      return refuse(Refusal.Reason.NOT_YOURS, "the record is not the caller's own");
    }
    NodeId key = record.service().key();
    if (!tokens().isGood(record.token(), key, publisher, nowNanos)) {
      return refuse(Refusal.Reason.BAD_TOKEN, "not a token that was handed out here lately");
    }
    Optional<RecordVerifier.Reason> bad = lookers.verifier().refusalOf(request.provider());
    if (bad.isPresent()) {
      return bad.get() == RecordVerifier.Reason.ADDRESS_NOT_ALLOWED
          ? refuse(Refusal.Reason.ADDRESS_NOT_ALLOWED, "this network does not allow the endpoint")
          : refuse(Refusal.Reason.NOT_YOURS, "the record is not signed as it has to be");
    }
    return switch (put(key, request.provider(), nowNanos)) {
      case STORED, KNOWN -> new AddProviderResponse(tokens().issue(key, publisher, nowNanos));
      case OLD -> refuse(Refusal.Reason.SUPERSEDED, "a newer record of the instance is known");
      case KEY_FULL -> full("records of one service", limits.perKey());
      case PUBLISHER_AND_KEY_FULL ->
          full("records of one service and publisher", limits.perPublisherAndKey());
      case PUBLISHER_FULL -> full("services of one publisher", limits.keysPerPublisher());
      case KEYS_FULL -> full("services", limits.keys());
      case BYTES_FULL -> full("bytes of records", limits.bytes());
    };
  }

  /** A refusal that names the limit which was reached. */
  private static Refusal full(String what, long limit) {
    return new Refusal(
        Refusal.Reason.FULL, "this node keeps at most " + limit + " " + what, FULL_PAUSE);
  }

  private static Refusal refuse(Refusal.Reason reason, String detail) {
    return new Refusal(reason, detail);
  }

  /** Stores a record, and tells those who watch its key. */
  Store.Put put(NodeId key, SignedProviderRecord provider, long nowNanos) {
    ProviderRecord record = provider.content();
    Item<SignedProviderRecord> item =
        new Item<>(
            key,
            record.publisher(),
            record.endpoint().toString(),
            record.incarnation(),
            record.sequence(),
            record.ttl(),
            record.withdrawn(),
            provider.size(),
            provider);
    Store.Put put = store().put(item, nowNanos);
    List<Listener> listening = listeners.get(key);
    if (put == Store.Put.STORED && listening != null) {
      Duration remaining = record.withdrawn() ? Duration.ZERO : record.ttl();
      HeldProvider held = new HeldProvider(provider, remaining);
      List.copyOf(listening).forEach(listener -> listener.stored(held, nowNanos));
    }
    return put;
  }

  /** Says who provides a service, and who else is near its key. */
  Reply answer(GetProvidersRequest request, long nowNanos) {
    NodeId key = request.key();
    Optional<NodeId> caller = request.caller().map(SignedPeerRecord::id);
    Bytes token = caller.isPresent() ? tokens().issue(key, caller.get(), nowNanos) : Bytes.EMPTY;
    return new GetProvidersResponse(
        sample(key, request.max(), nowNanos), count(key, nowNanos), nearest(key, caller), token);
  }

  /** What is kept of a key, or a sample of it. */
  List<HeldProvider> sample(NodeId key, int max, long nowNanos) {
    List<HeldProvider> sample = new ArrayList<>();
    if (store != null && max > 0) {
      store
          .sample(key, max, lookers.jitter(), nowNanos)
          .forEach(held -> sample.add(new HeldProvider(held.item().content(), held.remaining())));
    }
    return sample;
  }

  /** Tells what is kept of a key, as any other keeper does. */
  void tell(Seen seen, NodeId key, long nowNanos) {
    seen.take(sample(key, HeldProvider.MAX_IN_MESSAGE, nowNanos), count(key, nowNanos), nowNanos);
  }

  /** How many records are kept of a key. */
  int count(NodeId key, long nowNanos) {
    return store == null ? 0 : store.count(key, nowNanos);
  }

  private List<SignedPeerRecord> nearest(NodeId key, Optional<NodeId> caller) {
    int k = lookers.config().k();
    RoutingTable table = lookers.contacts().table();
    List<SignedPeerRecord> nearest = new ArrayList<>();
    table
        .closest(key, k + 1)
        .forEach(
            contact -> {
              if (nearest.size() < k && !caller.equals(Optional.of(contact.id()))) {
                nearest.add(contact.record());
              }
            });
    return nearest;
  }

  /** Begins to answer a stream; a refusal if there are too many. */
  Optional<Refusal> open(StreamId id, WatchProvidersRequest request, long nowNanos) {
    NodeId key = request.key();
    if (streams.size() >= MAX_STREAMS
        || listeners.getOrDefault(key, List.of()).size() >= MAX_STREAMS_PER_KEY) {
      return Optional.of(refuse(Refusal.Reason.OVERLOADED, "too many streams"));
    }
    List<HeldProvider> first = new ArrayList<>();
    if (store != null) {
      for (Held<SignedProviderRecord> held : store.all(key, nowNanos)) {
        if (follows(id, held.item().content(), nowNanos)) {
          first.add(new HeldProvider(held.item().content(), held.remaining()));
        }
      }
    }
    int from = 0;
    while (first.size() - from > HeldProvider.MAX_IN_MESSAGE) {
      int to = from + HeldProvider.MAX_IN_MESSAGE;
      send(id, new ProvidersUpdate(first.subList(from, to), false));
      from = to;
    }
    send(id, new ProvidersUpdate(first.subList(from, first.size()), true));
    Listener listener =
        (held, now) -> {
          if (held.record().content().withdrawn() || follows(id, held.record(), now)) {
            send(id, new ProvidersUpdate(List.of(held), true));
          }
        };
    streams.put(id, new Stream(key, listener));
    listen(key, listener);
    return Optional.empty();
  }

  /** Whether a stream tells of a record: for each record the same, as long as there are as many. */
  private boolean follows(StreamId id, SignedProviderRecord record, long nowNanos) {
    ProviderRecord content = record.content();
    int count = store().count(content.service().key(), nowNanos);
    if (count <= MAX_FOLLOWED) {
      return true;
    }
    long mixed = 31L * content.publisher().hashCode() + content.endpoint().hashCode() + id.value();
    mixed *= 0x9E3779B97F4A7C15L;
    return (mixed >>> 32) % count < MAX_FOLLOWED;
  }

  private void send(StreamId id, ProvidersUpdate update) {
    if (undrained.isEmpty()) {
      undrained = new ArrayList<>();
    }
    undrained.add(new Streamed(id, update));
  }

  /** A stream is over. */
  void close(StreamId id) {
    Stream stream = streams.remove(id);
    if (stream != null) {
      ignore(stream.key, stream.listener);
    }
  }

  void listen(NodeId key, Listener listener) {
    listeners.computeIfAbsent(key, k -> new ArrayList<>()).add(listener);
  }

  void ignore(NodeId key, Listener listener) {
    listeners.computeIfPresent(
        key,
        (k, listening) -> {
          listening.remove(listener);
          return listening.isEmpty() ? null : listening;
        });
  }

  int streams() {
    return streams.size();
  }

  List<Streamed> drain() {
    List<Streamed> drained = undrained;
    undrained = List.of();
    return drained;
  }
}
