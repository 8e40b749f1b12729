package dev.peerdiscovery.core.simulation;

import static dev.peerdiscovery.core.simulation.Wire.ID_FIELD;
import static dev.peerdiscovery.core.simulation.Wire.endpointSize;
import static dev.peerdiscovery.core.simulation.Wire.field;
import static dev.peerdiscovery.core.simulation.Wire.number;
import static dev.peerdiscovery.core.simulation.Wire.optional;
import static dev.peerdiscovery.core.simulation.Wire.varint;

import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.PingRequest;
import dev.peerdiscovery.core.message.PingResponse;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PublicKey;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.util.List;
import java.util.Optional;

/**
 * How many bytes messages are on the wire, with the prefix that gRPC gives each; the frames and
 * headers of HTTP/2 come on top of it, and TLS. A refusal travels in headers and counts as none.
 *
 * <p>Simulated peers without keys sign nothing, and nodes do. {@link #SIGNED} counts what such a
 * message would be were it sent by a node as it is unless told otherwise.
 */
public enum MessageSizes {
  /** Messages as they are: {@code proto} tests it against its codec. */
  EXACT(false),
  /**
   * Messages with a key and a signature for each record and proof, whether they have them or not.
   */
  SIGNED(true);

  /** What gRPC puts before each message. */
  private static final int PREFIX = 5;

  private static final int SIGNATURE = field(PublicKey.SIGNATURE_BYTES);

  private final boolean signed;

  MessageSizes(boolean signed) {
    this.signed = signed;
  }

  /** How many bytes a request is. */
  public int of(Request request) {
    Network network = request.network();
    int size = PREFIX + field(field(network.name().length()) + 4 + 1 + varint(1));
    size += request.wantedId().isPresent() ? ID_FIELD : 0;
    Optional<SignedPeerRecord> caller = request.caller();
    size += caller.isPresent() ? field(of(caller.get())) : 0;
    if (request instanceof PingRequest ping) {
      size += optional(ping.nonce());
      return size + field(endpointSize(ping.dialled()));
    }
    if (request instanceof AddProviderRequest add) {
      return size + field(of(add.provider()));
    }
    if (request instanceof GetProvidersRequest get) {
      return size + ID_FIELD + number(get.max());
    }
    return size + ID_FIELD;
  }

  /** How many bytes an answer is. */
  public int of(Outcome answer) {
    if (answer instanceof FindNodeResponse found) {
      return PREFIX + of(found.peers());
    }
    if (answer instanceof PingResponse ping) {
      int size = PREFIX + field(of(ping.responder()));
      boolean signs = signed && !ping.proof().isEmpty();
      size += signs ? SIGNATURE : optional(ping.proof());
      Optional<Endpoint> observed = ping.observed();
      return observed.isPresent() ? size + field(endpointSize(observed.get())) : size;
    }
    if (answer instanceof GetProvidersResponse response) {
      int size = PREFIX + ofHeld(response.providers()) + number(response.held());
      return size + of(response.peers()) + optional(response.token());
    }
    return answer instanceof AddProviderResponse added ? PREFIX + optional(added.token()) : 0;
  }

  /** How many bytes a message of a stream is. */
  public int of(ProvidersUpdate update) {
    return PREFIX + ofHeld(update.providers()) + (update.synced() ? 2 : 0);
  }

  private int of(List<SignedPeerRecord> peers) {
    int size = 0;
    for (int i = 0; i < peers.size(); i++) {
      size += field(of(peers.get(i)));
    }
    return size;
  }

  private int ofHeld(List<HeldProvider> providers) {
    int size = 0;
    for (int i = 0; i < providers.size(); i++) {
      HeldProvider held = providers.get(i);
      size += field(field(of(held.record())) + number(held.remaining().toMillis()));
    }
    return size;
  }

  private int of(SignedPeerRecord record) {
    return optional(record.encoded()) + keyAndSignature(record.publicKey(), record.signature());
  }

  private int of(SignedProviderRecord record) {
    return optional(record.encoded()) + keyAndSignature(record.publicKey(), record.signature());
  }

  private int keyAndSignature(Bytes key, Bytes signature) {
    return signed ? field(PublicKey.BYTES) + SIGNATURE : optional(key) + optional(signature);
  }
}
