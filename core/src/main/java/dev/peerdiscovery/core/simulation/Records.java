package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.RecordSigner;
import dev.peerdiscovery.core.record.RecordVerifier;
import dev.peerdiscovery.core.record.SignatureVerifier;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes and verifies the records of simulated peers, so that all of a network hold the same object
 * of each: a million tables have hundreds of millions of places, and a million records.
 */
final class Records {
  /** Records that are verified once for all peers; more than that, and it begins anew. */
  private static final int MAX_VERIFIED = 4_000_000;

  /** Checks what peers with keys sign; without it there can be none. */
  private final SignatureVerifier signatures;

  private final Map<String, RecordVerifier> verifiers = new HashMap<>();

  Records(SignatureVerifier signatures) {
    this.signatures = signatures;
  }

  /** Makes a peer's own records ready to travel. */
  RecordSigner signer(Newcomer newcomer) {
    RecordSigner own = Wire.signer(newcomer.key());
    RecordVerifier verifier = verifier(newcomer.network());
    return new RecordSigner() {
      @Override
      public SignedPeerRecord sign(PeerRecord record) {
        return shared(own.sign(record), verifier);
      }

      @Override
      public SignedProviderRecord sign(ProviderRecord record) {
        return own.sign(record);
      }
    };
  }

  /** The one object that all hold of a record. */
  private static SignedPeerRecord shared(SignedPeerRecord record, RecordVerifier verifier) {
    return verifier.verify(record) instanceof RecordVerifier.Verified verified
        ? verified.contact().record()
        : record;
  }

  /** The contact that others have of a peer once it has started. */
  Contact contactOf(Newcomer newcomer) {
    PeerRecord first =
        new PeerRecord(
            newcomer.id(),
            List.of(newcomer.at()),
            newcomer.sequence() + 1,
            newcomer.network().name());
    if (verifier(newcomer.network()).verify(Wire.signer(newcomer.key()).sign(first))
        instanceof RecordVerifier.Verified verified) {
      return verified.contact();
    }
    throw new IllegalArgumentException("nobody would dial " + newcomer.at());
  }

  /** The one that all peers of a network share, so that they share its contacts, too. */
  RecordVerifier verifier(Network network) {
    return verifiers.computeIfAbsent(
        network.name() + "/" + network.scope().name() + "/" + network.identity().name(),
        name -> {
          AddressPolicy policy = AddressPolicy.of(network.scope(), false);
          return (network.identity() == IdentityMode.SIGNED
                  ? RecordVerifier.signed(network.name(), policy, signatures)
                  : RecordVerifier.assigned(network.name(), policy))
              .remembering(MAX_VERIFIED);
        });
  }
}
