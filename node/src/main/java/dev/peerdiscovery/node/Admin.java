package dev.peerdiscovery.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.EngineStatus;
import dev.peerdiscovery.core.engine.Services;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.id.Offsets;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.routing.RoutingTable;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Counter;
import dev.peerdiscovery.proto.admin.v1.GetLookupTableRequest;
import dev.peerdiscovery.proto.admin.v1.GetLookupTableResponse;
import dev.peerdiscovery.proto.admin.v1.GetStatusRequest;
import dev.peerdiscovery.proto.admin.v1.GetStatusResponse;
import dev.peerdiscovery.proto.admin.v1.ListContactsRequest;
import dev.peerdiscovery.proto.admin.v1.ListContactsResponse;
import dev.peerdiscovery.proto.admin.v1.LookupTableEntry;
import dev.peerdiscovery.proto.admin.v1.NodeState;
import dev.peerdiscovery.proto.admin.v1.SeedStatus;
import dev.peerdiscovery.proto.admin.v1.ServicesStatus;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Tells operators how the node is doing. Answers come from the engine's owner, in its turn. */
final class Admin extends AdminServiceGrpc.AdminServiceImplBase {
  private final NodeId id;
  private final Network network;
  private final Engine engine;
  private final Driver driver;
  private final Counters counters;
  private final Clock clock;

  private volatile String listen = "";
  private volatile String api = "";

  Admin(NodeId id, Network network, Engine engine, Driver driver, Counters counters, Clock clock) {
    this.id = id;
    this.network = network;
    this.engine = engine;
    this.driver = driver;
    this.counters = counters;
    this.clock = clock;
  }

  /** Notes where the node listens. */
  void listening(String listenAddress, String apiAddress) {
    listen = listenAddress;
    api = apiAddress;
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
    send(driver.ask(this::status), observer);
  }

  private GetStatusResponse status(long nowNanos) {
    EngineStatus status = engine.status();
    GetStatusResponse.Builder response =
        GetStatusResponse.newBuilder()
            .setId(bytes(id))
            .setNetwork(network.name())
            .setIdentity(network.identity().name().toLowerCase(Locale.ROOT))
            .setScope(network.scope().name().toLowerCase(Locale.ROOT))
            .setListen(listen)
            .setApi(api)
            .setState(NodeState.valueOf("NODE_STATE_" + status.state().name()))
            .setContacts(status.contacts())
            .setSuspects(status.suspects())
            .setReplacements(status.replacements())
            .setGone(status.departed())
            .setEstimatedSize(status.estimatedSize())
            .setUptime(Durations.fromNanos(clock.nowNanos()))
            .addAllWarnings(status.warnings())
            .setVersion(version())
            .setServices(services(engine.services()))
            .addCounters(Counter.newBuilder().setName("calls").setValue(status.calls()));
    engine
        .self()
        .ifPresent(
            self -> {
              response.setSequence(self.content().sequence());
              self.content().endpoints().forEach(e -> response.addAdvertised(e.toString()));
            });
    for (EngineStatus.Seed seed : status.seeds()) {
      response.addSeeds(
          SeedStatus.newBuilder()
              .setEndpoint(seed.endpoint().toString())
              .setLastResult(seed.lastResult()));
    }
    counters
        .counts()
        .forEach(
            (name, count) ->
                response.addCounters(Counter.newBuilder().setName(name).setValue(count)));
    return response.build();
  }

  private static ServicesStatus services(Services services) {
    Services.Kept kept = services.kept();
    return ServicesStatus.newBuilder()
        .setRegistrations(services.registrations().size())
        .setWatches(services.watched())
        .setKeptRecords(kept.records())
        .setKeptServices(kept.keys())
        .setKeptBytes(kept.bytes())
        .setStreams(kept.streams())
        .build();
  }

  /** The jar's version, or "development" where there is no jar. */
  static String version() {
    return Optional.ofNullable(Admin.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  @Override
  public void listContacts(
      ListContactsRequest request, StreamObserver<ListContactsResponse> observer) {
    send(driver.ask(this::contacts), observer);
  }

  private ListContactsResponse contacts(long nowNanos) {
    ListContactsResponse.Builder response = ListContactsResponse.newBuilder();
    for (RoutingTable.Entry entry : engine.contacts()) {
      dev.peerdiscovery.proto.admin.v1.Contact.Builder contact =
          dev.peerdiscovery.proto.admin.v1.Contact.newBuilder()
              .setRecord(RecordCodec.encode(entry.contact().record()))
              .setBucket(entry.bucket())
              .setSinceSeen(Durations.fromNanos(nowNanos - entry.answeredNanos()))
              .setFailures(entry.failures());
      if (entry.rttMicros() > 0) {
        contact.setRtt(Durations.fromMicros(entry.rttMicros()));
      }
      response.addContacts(contact);
    }
    return response.build();
  }

  @Override
  public void getLookupTable(
      GetLookupTableRequest request, StreamObserver<GetLookupTableResponse> observer) {
    send(driver.ask(now -> lookupTable()), observer);
  }

  /** The node's column and its mirror, as far as anybody can be there. */
  private GetLookupTableResponse lookupTable() {
    GetLookupTableResponse.Builder response = GetLookupTableResponse.newBuilder();
    List<Contact> neighbours = engine.closest(id, 1);
    if (neighbours.isEmpty()) {
      return response.build();
    }
    NodeId neighbour = neighbours.get(0).id();
    for (int exponent = 0; exponent < NodeId.BITS; exponent++) {
      NodeId offset = NodeId.powerOfTwo(exponent);
      if (offset.compareTo(id) <= 0) {
        add(response, exponent, id.minus(offset), false, neighbour);
      }
      if (!id.bit(exponent)) {
        add(response, exponent, Offsets.mirror(id, exponent), true, neighbour);
      }
    }
    return response.build();
  }

  private void add(
      GetLookupTableResponse.Builder response,
      int exponent,
      NodeId target,
      boolean mirror,
      NodeId neighbour) {
    List<Contact> nearest = engine.closest(target, 1);
    boolean nobodyThere = id.compareDistances(target, neighbour) < 0;
    // Above the highest bucket that holds anybody the mirror is of no use either.
    boolean empty = nearest.isEmpty() || (mirror && exponent > engine.highestBucket());
    if (!nobodyThere && !empty) {
      response.addEntries(
          LookupTableEntry.newBuilder()
              .setExponent(exponent)
              .setTarget(bytes(target))
              .setMirror(mirror)
              .setNearest(bytes(nearest.get(0).id())));
    }
  }

  private static ByteString bytes(NodeId id) {
    return ByteString.copyFrom(id.toBytes());
  }

  private static <A> void send(CompletableFuture<A> answer, StreamObserver<A> observer) {
    answer.whenComplete(
        (message, error) -> {
          if (error == null) {
            observer.onNext(message);
            observer.onCompleted();
          } else {
            observer.onError(
                Status.UNAVAILABLE.withDescription("the node is closing").asRuntimeException());
          }
        });
  }
}
