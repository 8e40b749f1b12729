package dev.peerdiscovery.tests.containers;

import dev.peerdiscovery.core.id.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who was there when, and so what a lookup must answer that was made meanwhile: everybody who was
 * up all the time, nobody who was down all the time. Of those whose state changed, or had just
 * changed, it may say what it likes. Thread-safe.
 */
final class Presence {
  /** A node that has just come back need not be everywhere yet. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** What a member does since when. */
  private record State(boolean up, long sinceNanos) {}

  private final Map<Member, State> states = new LinkedHashMap<>();

  /** They are up, and have been. */
  Presence(Collection<Member> members) {
    long since = System.nanoTime() - GRACE.toNanos();
    members.forEach(member -> states.put(member, new State(true, since)));
  }

  /** It is about to be stopped: from here on it may be missing. */
  synchronized void stopping(Member member) {
    states.put(member, new State(true, Long.MAX_VALUE));
  }

  /** It is down. */
  synchronized void down(Member member) {
    states.put(member, new State(false, System.nanoTime()));
  }

  /** It is about to be started: from here on it may be found. */
  synchronized void starting(Member member) {
    states.put(member, new State(false, Long.MAX_VALUE));
  }

  /** It is ready. */
  synchronized void up(Member member) {
    states.put(member, new State(true, System.nanoTime()));
  }

  synchronized boolean isUp(Member member) {
    State state = states.get(member);
    return state != null && state.up();
  }

  /** What is certain at this moment. */
  synchronized Certain certain() {
    long now = System.nanoTime();
    Set<NodeId> up = new HashSet<>();
    Set<NodeId> down = new HashSet<>();
    states.forEach(
        (member, state) -> {
          if (state.sinceNanos() != Long.MAX_VALUE) {
            if (!state.up()) {
              down.add(member.id());
            } else if (now - state.sinceNanos() >= GRACE.toNanos()) {
              up.add(member.id());
            }
          }
        });
    return new Certain(up, down, Map.copyOf(states));
  }

  /** Who is up, and who is down, for certain. */
  record Certain(Set<NodeId> up, Set<NodeId> down, Map<Member, State> states) {
    /**
     * What is wrong with an answer.
     *
     * @param after what was certain when it had come
     */
    Optional<String> wrong(NodeId asking, NodeId target, List<NodeId> answer, Certain after) {
      Set<NodeId> must = new HashSet<>(up);
      must.retainAll(after.up);
      must.remove(asking);
      Set<NodeId> mustNot = new HashSet<>(down);
      mustNot.retainAll(after.down);
      // Down before and after, but perhaps up in between.
      mustNot.removeIf(id -> !unchanged(id, after));
      must.removeIf(id -> !unchanged(id, after));
      List<NodeId> missing = new ArrayList<>(must);
      missing.removeAll(answer);
      List<NodeId> dead = new ArrayList<>(answer);
      dead.retainAll(mustNot);
      if (!answer.equals(Cluster.nearest(answer, target))) {
        return Optional.of("not in the order of distance: " + answer);
      }
      return missing.isEmpty() && dead.isEmpty()
          ? Optional.empty()
          : Optional.of("missing " + missing + ", dead " + dead);
    }

    private boolean unchanged(NodeId id, Certain after) {
      return states.entrySet().stream()
          .filter(each -> each.getKey().id().equals(id))
          .allMatch(each -> each.getValue().equals(after.states.get(each.getKey())));
    }
  }
}
