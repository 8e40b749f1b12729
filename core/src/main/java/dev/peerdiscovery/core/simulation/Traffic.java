package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts calls and their bytes, and what they were made for. */
public final class Traffic implements Observer {
  /**
   * Calls and their bytes, as if all records were signed ({@link MessageSizes#SIGNED}).
   *
   * @param joinCalls made by peers until they had joined
   * @param upkeepCalls liveness, refresh, dial-backs, retries and seeds
   * @param lookupCalls made by lookups that were asked for
   * @param joinBytes of the first
   * @param upkeepBytes of the second
   * @param lookupBytes of the third
   */
  public record Count(
      long joinCalls,
      long upkeepCalls,
      long lookupCalls,
      long joinBytes,
      long upkeepBytes,
      long lookupBytes) {
    /** What came after {@code earlier}. */
    public Count minus(Count earlier) {
      return new Count(
          joinCalls - earlier.joinCalls,
          upkeepCalls - earlier.upkeepCalls,
          lookupCalls - earlier.lookupCalls,
          joinBytes - earlier.joinBytes,
          upkeepBytes - earlier.upkeepBytes,
          lookupBytes - earlier.lookupBytes);
    }

    /** All calls. */
    public long calls() {
      return joinCalls + upkeepCalls + lookupCalls;
    }

    /** All bytes. */
    public long bytes() {
      return joinBytes + upkeepBytes + lookupBytes;
    }
  }

  /** Who looks up what because it was asked for; twice where it does so twice at once. */
  private final Map<NodeId, List<VirtualPeer>> requested = new HashMap<>();

  private long joinCalls;
  private long upkeepCalls;
  private long lookupCalls;
  private long joinBytes;
  private long upkeepBytes;
  private long lookupBytes;

  /** Traffic of which nothing was seen yet. */
  public Traffic() {}

  /** What was seen so far. */
  public Count count() {
    return new Count(joinCalls, upkeepCalls, lookupCalls, joinBytes, upkeepBytes, lookupBytes);
  }

  @Override
  public void told(VirtualPeer peer, Event event) {
    if (event instanceof Event.LookupStarted started
        && started.purpose() == Event.Purpose.REQUESTED) {
      requested.computeIfAbsent(started.target(), target -> new ArrayList<>(1)).add(peer);
    } else if (event instanceof Event.LookupEnded ended) {
      List<VirtualPeer> askers = requested.get(ended.target());
      if (askers != null && askers.remove(peer) && askers.isEmpty()) {
        requested.remove(ended.target());
      }
    }
  }

  @Override
  public void stopped(VirtualPeer peer) {
    // Its lookups never end.
    requested.values().removeIf(askers -> askers.removeIf(peer::equals) && askers.isEmpty());
  }

  @Override
  public void called(VirtualPeer from, Call call) {
    if (isRequested(from, call.request())) {
      lookupCalls++;
    } else if (from.isJoined()) {
      upkeepCalls++;
    } else {
      joinCalls++;
    }
    addBytes(from, call.request(), MessageSizes.SIGNED.of(call.request()));
  }

  @Override
  public void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {
    addBytes(from, request, MessageSizes.SIGNED.of(answer));
  }

  private void addBytes(VirtualPeer from, Request request, int bytes) {
    if (isRequested(from, request)) {
      lookupBytes += bytes;
    } else if (from.isJoined()) {
      upkeepBytes += bytes;
    } else {
      joinBytes += bytes;
    }
  }

  private boolean isRequested(VirtualPeer from, Request request) {
    return request instanceof FindNodeRequest find
        && requested.getOrDefault(find.target(), List.of()).contains(from);
  }
}
