package dev.peerdiscovery.client.tls;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.record.CertificateExtension;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.SignatureVerifier;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslSessionContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What the setting {@link Tls} comes to in one process: it makes channels and servers speak TLS, or
 * plaintext where it is off, and tells which node is at the other end of a connection.
 *
 * <p>TLS is BoringSSL's where the transport has it, else the JDK's. Both sides show a certificate,
 * and each is judged in the handshake; whether it is the one that was wanted is checked at each
 * call ({@link #expecting}). Thread-safe.
 */
public final class PeerTls {
  /** Why the certificate of another side is not taken. */
  public enum Refused {
    /** It carries no node's identity. */
    NO_IDENTITY,
    /** Its time is over. */
    EXPIRED,
    /** Its time has not come. */
    NOT_YET_VALID,
    /** Its key, its form or the length of its life are not those of a throw-away certificate. */
    UNFIT,
    /** No authority that is trusted vouches for it. */
    OTHER_AUTHORITY,
    /** The node that it names did not sign it. */
    FORGED
  }

  private static final String PROTOCOL = "TLSv1.3";

  /** Under which a session keeps its peer, once somebody has asked. */
  private static final String PEER = "dev.peerdiscovery.peer";

  private static final PeerTls OFF = new PeerTls(Tls.off(), null, null);

  private final Tls setting;
  private final @Nullable SslContext client;
  private final @Nullable SslContext server;

  private PeerTls(Tls setting, @Nullable SslContext client, @Nullable SslContext server) {
    this.setting = setting;
    this.client = client;
    this.server = server;
  }

  /** Plaintext. */
  public static PeerTls off() {
    return OFF;
  }

  /**
   * A node's.
   *
   * @param node signs its throw-away certificates; one of an authority has to be this node's
   * @param clock tells whether certificates hold
   * @param refusals is told of each certificate that is refused; must not block
   * @throws IOException when files cannot be used; the message says which, and why
   */
  public static PeerTls ofNode(
      Tls setting,
      MessageSigner node,
      SignatureVerifier signatures,
      InstantSource clock,
      Consumer<Refused> refusals)
      throws IOException {
    Optional<NodeId> id = Optional.of(new PublicKey(node.publicKey()).id());
    return of(setting, node, id, signatures, clock, refusals);
  }

  /**
   * That of a client which is no peer.
   *
   * @param throwAway signs its throw-away certificates
   * @throws IOException when files cannot be used; the message says which, and why
   */
  public static PeerTls ofClient(Tls setting, MessageSigner throwAway, SignatureVerifier signatures)
      throws IOException {
    return of(
        setting, throwAway, Optional.empty(), signatures, InstantSource.system(), refused -> {});
  }

  private static PeerTls of(
      Tls setting,
      MessageSigner signer,
      Optional<NodeId> id,
      SignatureVerifier signatures,
      InstantSource clock,
      Consumer<Refused> refusals)
      throws IOException {
    if (setting.mode() == Tls.Mode.OFF) {
      return OFF;
    }
    if (setting.files().isEmpty()) {
      return of(
          setting,
          new ThrowAwayCertificates(signer, clock),
          new PeerTrust(Optional.empty(), signatures, clock, refusals));
    }
    CertificateFiles files = new CertificateFiles(setting.files().get(), id, signatures, clock);
    return of(
        setting, files, new PeerTrust(Optional.of(files::authority), signatures, clock, refusals));
  }

  private static PeerTls of(Tls setting, CertificateSource own, PeerTrust others)
      throws SSLException {
    CurrentKey keys = new CurrentKey(own);
    return new PeerTls(
        setting,
        build(SslContextBuilder.forClient().keyManager(keys), others),
        build(SslContextBuilder.forServer(keys).clientAuth(ClientAuth.REQUIRE), others));
  }

  /** Sessions are not resumed: certificates are judged, and shown, at each connection. */
  private static SslContext build(SslContextBuilder builder, PeerTrust others) throws SSLException {
    SslContext context =
        GrpcSslContexts.configure(builder)
            .trustManager(others)
            .protocols(PROTOCOL)
            .sessionTimeout(1)
            .build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
    }
    return context;
  }

  /** The setting. */
  public Tls setting() {
    return setting;
  }

  /** Whether connections are TLS. */
  public boolean isOn() {
    return setting.mode() != Tls.Mode.OFF;
  }

  /** Has a channel speak TLS, or plaintext where it is off. */
  public void secure(NettyChannelBuilder channel) {
    if (client == null) {
      channel.usePlaintext();
    } else {
      channel.sslContext(client);
    }
  }

  /** Has a server speak TLS, or plaintext where it is off. */
  public void secure(NettyServerBuilder builder) {
    if (server != null) {
      builder.sslContext(server);
    }
  }

  /** Has a call made only if the node at the other end is this one; it is not sent otherwise. */
  public CallOptions expecting(NodeId wanted, CallOptions options) {
    return isOn() ? options.withCallCredentials(new WantedPeer(wanted)) : options;
  }

  /**
   * What TLS made of a call that failed: a {@code TLS} failure, or an {@code OTHER_PEER} refusal
   * when another node than the {@linkplain #expecting expected} one is there.
   *
   * @param connected whether there was a connection, its handshake over
   * @return nothing when it had no part in it
   */
  public Optional<Outcome> outcomeOf(Throwable error, boolean connected) {
    return TlsFailure.of(error, isOn(), connected);
  }

  /**
   * The node at the other end of a connection, which its certificate proves.
   *
   * @param transport the attributes of a connection that was {@linkplain #secure secured} by this,
   *     or of a call on it
   * @return nothing where TLS is off
   */
  public Optional<NodeId> peer(Attributes transport) {
    return isOn() ? peerOf(transport) : Optional.empty();
  }

  static Optional<NodeId> peerOf(Attributes transport) {
    @Nullable SSLSession session = transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    if (session.getValue(PEER) instanceof NodeId known) {
      return Optional.of(known);
    }
    Optional<NodeId> peer = peer(session);
    peer.ifPresent(id -> session.putValue(PEER, id));
    return peer;
  }

  private static Optional<NodeId> peer(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain[0] instanceof X509Certificate own
          ? PeerTrust.identity(own).map(CertificateExtension::id)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }
}
