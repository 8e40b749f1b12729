package dev.peerdiscovery.proto;

import com.google.protobuf.Message;
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
import java.util.Objects;
import java.util.function.Function;

/**
 * The methods of {@code PeerService} with core's values as their messages: what a node serves and
 * calls. On the wire they are the generated ones, which everybody else uses; interceptors see
 * core's values.
 *
 * <p>What cannot be decoded ends the call with a {@link MalformedMessageException} among the
 * causes. Records that come again and again in FindNode are decoded once. Thread-safe; one for each
 * node.
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
        method(
            PeerServiceGrpc.getPingMethod(),
            Codec::encode,
            Codec::decode,
            Codec::encode,
            Codec::decode);
    this.findNode =
        PeerServiceGrpc.getFindNodeMethod().toBuilder(
                new FindNodeRequestMarshaller(network, records),
                new FindNodeResponseMarshaller(records))
            .build();
    this.addProvider =
        method(
            PeerServiceGrpc.getAddProviderMethod(),
            ProviderCodec::encode,
            ProviderCodec::decode,
            ProviderCodec::encode,
            ProviderCodec::decode);
    this.getProviders =
        method(
            PeerServiceGrpc.getGetProvidersMethod(),
            ProviderCodec::encode,
            ProviderCodec::decode,
            ProviderCodec::encode,
            ProviderCodec::decode);
    this.watchProviders =
        method(
            PeerServiceGrpc.getWatchProvidersMethod(),
            ProviderCodec::encode,
            ProviderCodec::decode,
            ProviderCodec::encode,
            ProviderCodec::decode);
  }

  private static <Q, A, P extends Message, B extends Message> MethodDescriptor<Q, A> method(
      MethodDescriptor<P, B> generated,
      Function<Q, P> encodingRequest,
      ValueMarshaller.Decoding<P, Q> decodingRequest,
      Function<A, B> encodingAnswer,
      ValueMarshaller.Decoding<B, A> decodingAnswer) {
    return generated.toBuilder(
            new ValueMarshaller<>(
                prototype(generated.getRequestMarshaller()), encodingRequest, decodingRequest),
            new ValueMarshaller<>(
                prototype(generated.getResponseMarshaller()), encodingAnswer, decodingAnswer))
        .build();
  }

  /** What generated methods know of the messages that they carry. */
  private static <M> M prototype(MethodDescriptor.Marshaller<M> generated) {
    return Objects.requireNonNull(
        ((MethodDescriptor.PrototypeMarshaller<M>) generated).getMessagePrototype());
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
