package dev.peerdiscovery.proto;

import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;

/**
 * The methods of {@code PeerService} with core's values as their messages: what a node serves and
 * calls. On the wire they are the generated ones, which everybody else uses; interceptors see
 * core's values.
 *
 * <p>What cannot be decoded ends the call with a {@link MalformedMessageException} among the
 * causes. Records that come again and again are decoded once. Thread-safe; one for each node.
 */
public final class PeerMethods {
  private final MethodDescriptor<PingRequest, PingResponse> ping;
  private final MethodDescriptor<FindNodeRequest, FindNodeResponse> findNode;
  private final MethodDescriptor<AddProviderRequest, AddProviderResponse> addProvider;
  private final MethodDescriptor<GetProvidersRequest, GetProvidersResponse> getProviders;
  private final MethodDescriptor<WatchProvidersRequest, ProvidersUpdate> watchProviders;

  /** The methods for a member, or a caller, of a network. Requests of others are read, too. */
  public PeerMethods(Network network) {
    RecordCache records = new RecordCache();
    this.ping =
        PeerServiceGrpc.getPingMethod().toBuilder(
                new ValueMarshaller<PingRequest, dev.peerdiscovery.proto.peer.v1.PingRequest>(
                    dev.peerdiscovery.proto.peer.v1.PingRequest.getDefaultInstance(),
                    Codec::encode,
                    Codec::decode),
                new ValueMarshaller<PingResponse, dev.peerdiscovery.proto.peer.v1.PingResponse>(
                    dev.peerdiscovery.proto.peer.v1.PingResponse.getDefaultInstance(),
                    Codec::encode,
                    Codec::decode))
            .build();
    this.findNode =
        PeerServiceGrpc.getFindNodeMethod().toBuilder(
                new FindNodeRequestMarshaller(network, records),
                new FindNodeResponseMarshaller(records))
            .build();
    this.addProvider =
        PeerServiceGrpc.getAddProviderMethod().toBuilder(
                new ValueMarshaller<
                    AddProviderRequest, dev.peerdiscovery.proto.peer.v1.AddProviderRequest>(
                    dev.peerdiscovery.proto.peer.v1.AddProviderRequest.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode),
                new ValueMarshaller<
                    AddProviderResponse, dev.peerdiscovery.proto.peer.v1.AddProviderResponse>(
                    dev.peerdiscovery.proto.peer.v1.AddProviderResponse.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode))
            .build();
    this.getProviders =
        PeerServiceGrpc.getGetProvidersMethod().toBuilder(
                new ValueMarshaller<
                    GetProvidersRequest, dev.peerdiscovery.proto.peer.v1.GetProvidersRequest>(
                    dev.peerdiscovery.proto.peer.v1.GetProvidersRequest.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode),
                new ValueMarshaller<
                    GetProvidersResponse, dev.peerdiscovery.proto.peer.v1.GetProvidersResponse>(
                    dev.peerdiscovery.proto.peer.v1.GetProvidersResponse.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode))
            .build();
    this.watchProviders =
        PeerServiceGrpc.getWatchProvidersMethod().toBuilder(
                new ValueMarshaller<
                    WatchProvidersRequest, dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest>(
                    dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode),
                new ValueMarshaller<
                    ProvidersUpdate, dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse>(
                    dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse.getDefaultInstance(),
                    ProviderCodec::encode,
                    ProviderCodec::decode))
            .build();
  }

  /** Asks a peer who it is. */
  public MethodDescriptor<PingRequest, PingResponse> ping() {
    return ping;
  }

  /** Asks a peer for those nearest to an id. */
  public MethodDescriptor<FindNodeRequest, FindNodeResponse> findNode() {
    return findNode;
  }

  /** Has a peer keep a record about an instance of a service. */
  public MethodDescriptor<AddProviderRequest, AddProviderResponse> addProvider() {
    return addProvider;
  }

  /** Asks a peer who provides a service. */
  public MethodDescriptor<GetProvidersRequest, GetProvidersResponse> getProviders() {
    return getProviders;
  }

  /** Asks a peer who provides a service, and to be told. */
  public MethodDescriptor<WatchProvidersRequest, ProvidersUpdate> watchProviders() {
    return watchProviders;
  }

  /** The service that they belong to. */
  public ServiceDescriptor service() {
    ServiceDescriptor generated = PeerServiceGrpc.getServiceDescriptor();
    return ServiceDescriptor.newBuilder(generated.getName())
        .setSchemaDescriptor(generated.getSchemaDescriptor())
        .addMethod(ping)
        .addMethod(findNode)
        .addMethod(addProvider)
        .addMethod(getProviders)
        .addMethod(watchProviders)
        .build();
  }
}
