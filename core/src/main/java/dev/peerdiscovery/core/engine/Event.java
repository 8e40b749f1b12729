package dev.peerdiscovery.core.engine;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Provider;
import dev.peerdiscovery.core.record.ServiceName;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.util.List;
import java.util.Optional;

/**
 * Something that happened in an engine, for those who watch: metrics, traces, the status page, the
 * demonstration's recorder. Nothing depends on whether anybody does.
 */
public sealed interface Event {
  /** Why the engine looks something up. */
  enum Purpose {
    /** As a step of joining. */
    JOIN,
    /** To keep the table fresh. */
    REFRESH,
    /** Because somebody asked for it. */
    REQUESTED,
    /** To find who keeps the records of a service. */
    REGION
  }

  /** Why a contact left the table. */
  enum Loss {
    /** It missed several calls in a row. */
    FAILED,
    /** It said that it leaves. */
    LEFT,
    /** Its address answers with another id, or from another network. */
    CHANGED,
    /** Its answers broke the rules, time and again. */
    QUARANTINED
  }

  /** Why a record that was heard of did not become a contact. */
  enum Drop {
    /** It belongs to another network, has the wrong identity, or an address not to be dialled. */
    REFUSED,
    /** Nobody answered at its endpoint. */
    UNREACHABLE,
    /** The key of its id has not signed it. */
    FORGED,
    /** Whoever answered did not prove the id. */
    NOT_PROVED,
    /** Too many others were waiting to be called, or its host was called just now. */
    TOO_MANY,
    /** It proved its id, and there are too many contacts of its subnet. */
    CROWDED,
    /** It is busy, or its answers broke the rules, and is left alone for a while. */
    PAUSED
  }

  /** The node begins to join: it has a contact to ask. */
  record JoinStarted() implements Event {}

  /**
   * The node's join is over.
   *
   * @param contacts how many contacts it has; 0 when it found nobody and is alone
   */
  record JoinEnded(int contacts) implements Event {}

  /** A lookup began. */
  record LookupStarted(LookupId id, NodeId target, Purpose purpose) implements Event {}

  /**
   * A peer answered a lookup.
   *
   * @param id the lookup
   * @param from who answered
   * @param hop how many answers had led to it: 0 for the contacts that the lookup began with
   * @param named how many peers it named
   * @param added how many of them the lookup had not heard of
   */
  record LookupStep(LookupId id, Contact from, int hop, int named, int added) implements Event {}

  /**
   * A lookup is over.
   *
   * @param id the lookup
   * @param target what was searched for
   * @param result the responders nearest to the target, nearest first
   * @param calls how many calls it took
   */
  record LookupEnded(LookupId id, NodeId target, List<Contact> result, int calls)
      implements Event {}

  /** A contact proved its id and has a place in the table. */
  record ContactEarned(Contact contact) implements Event {}

  /** A contact lost its place in the table. */
  record ContactLost(Contact contact, Loss loss) implements Event {}

  /** A peer was heard of whose bucket is full; it waits as a replacement. */
  record HintParked(NodeId id) implements Event {}

  /** A peer was heard of and is not to be a contact. */
  record HintDropped(NodeId id, Drop drop) implements Event {}

  /**
   * Somebody asked who provides a service, and this is the answer.
   *
   * @param id what {@link Services#resolve} returned
   * @param found those that were found, each instance once, in no order; none is an answer, unless
   *     it is unknown
   * @param truncated whether there may be more than was found: keepers have more, or too few of
   *     them answered
   * @param unknown why it is not known whether there are any; then none was found
   */
  record Resolved(
      ResolveId id,
      ServiceName service,
      List<Services.Found> found,
      boolean truncated,
      Optional<Refusal> unknown)
      implements Event {
    /** The instances. */
    public List<Provider> providers() {
      return found.stream().map(Services.Found::provider).toList();
    }
  }

  /**
   * Something changed in a service that is watched: instances came, say something else, or went.
   *
   * @param version counts the changes since the watch began, from 1
   * @param present those that came or say something else
   * @param gone those that were withdrawn, or whose time is over
   */
  record ServiceChanged(
      ServiceName service, long version, List<Provider> present, List<Provider> gone)
      implements Event {}

  /**
   * Enough of those who know of a service that is watched were asked: what was told until now is
   * all there is. Comes first within ten seconds of the beginning of the watch, unless {@link
   * ServiceUnknown} does, and again when it was in doubt meanwhile.
   *
   * @param version that of the last change; 0 when there is nobody
   * @param providers how many instances there are
   */
  record ServiceSynced(ServiceName service, long version, int providers) implements Event {}

  /**
   * The watch of a service is over, because too few of those who know of it can be asked. What it
   * told last may still hold, or not: nothing is known.
   */
  record ServiceUnknown(ServiceName service, Refusal why) implements Event {}

  /**
   * At least half of the nodes that should keep the record of an instance of this node's have it,
   * for the first time or since it changed; told once more when all of them do. Or there is no
   * other node.
   *
   * @param keepers how many; this one, which always has it, not counted. 0 when this node is alone
   */
  record Published(ServiceName service, Endpoint endpoint, int keepers) implements Event {}

  /** An instance of this node's is published no more, or no other node could be reached. */
  record Unpublished(ServiceName service, Endpoint endpoint, Cause cause) implements Event {
    /** Why. */
    public enum Cause {
      /** Its application, or the node that leaves, took it back. */
      WITHDRAWN,
      /** Its application did not renew the lease, or was lost and does not pass a check. */
      LEASE_OVER,
      /** A check failed. It is checked again, and published when it is there. */
      NOT_THERE,
      /** No other node could be reached that would keep its record. That is tried on and on. */
      UNREACHED
    }
  }

  /** The node began or ceased to suspect that its own network is gone. */
  record SelfDoubt(boolean doubtful) implements Event {}

  /** The node's own record is another one now. */
  record SelfChanged(SignedPeerRecord record) implements Event {}

  /**
   * Another node has this node's id, and where records are signed its key.
   *
   * @param at where it says that it is
   */
  record IdentityCollision(List<Endpoint> at) implements Event {}

  /** The farewells are said; the node may go. */
  record Left() implements Event {}
}
