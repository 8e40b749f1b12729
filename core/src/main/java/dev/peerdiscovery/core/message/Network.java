package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.Scope;
import java.util.Locale;
import java.util.Optional;

/**
 * What every request carries so that networks do not grow into one another.
 *
 * @param name the network's name
 * @param identity how its peers come by their ids
 * @param scope which addresses it is made of
 * @param protocolVersion the version that the sender speaks, at least 1
 */
public record Network(String name, IdentityMode identity, Scope scope, int protocolVersion) {
  /** The version that this code speaks. It talks to the one before, too, once there is one. */
  public static final int PROTOCOL_VERSION = 1;

  /**
   * Checks the name and the version.
   *
   * @throws IllegalArgumentException when one is out of bounds
   */
  public Network {
    PeerRecord.checkNetworkName(name);
    if (protocolVersion < 1) {
      throw new IllegalArgumentException("network: protocol_version must be at least 1");
    }
  }

  /** A network of that name in this code's version of the protocol. */
  public static Network of(String name, IdentityMode identity, Scope scope) {
    return new Network(name, identity, scope, PROTOCOL_VERSION);
  }

  /** Why a request from {@code other} is not answered here, or nothing when it is. */
  public Optional<Refusal> refusalOf(Network other) {
    if (!name.equals(other.name)) {
      return refuse(Refusal.Reason.OTHER_NETWORK, "this peer belongs to another network");
    }
    if (identity != other.identity) {
      return refuse(
          Refusal.Reason.OTHER_IDENTITY,
          String.format(
              Locale.ROOT,
              "this network's identity is %s; all its nodes and callers must be set to that",
              identity.name().toLowerCase(Locale.ROOT)));
    }
    if (scope != other.scope) {
      return refuse(Refusal.Reason.OTHER_SCOPE, "this network's scope is " + scope);
    }
    // Versions n and n - 1 talk to each other.
    if (Math.abs((long) protocolVersion - other.protocolVersion) > 1) {
      return refuse(
          Refusal.Reason.OTHER_VERSION, "this peer speaks protocol version " + protocolVersion);
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refuse(Refusal.Reason reason, String detail) {
    return Optional.of(new Refusal(reason, detail));
  }
}
