package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Event;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens, for {@code status}. The names are the code's own, so they are bounded. */
final class Counters {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** The counter of that name, for those who count often. */
  LongAdder counter(String name) {
    return counts.computeIfAbsent(name, n -> new LongAdder());
  }

  void count(String name) {
    counter(name).increment();
  }

  void count(Event event) {
    if (event instanceof Event.LookupStarted started) {
      count("lookups." + started.purpose());
    } else if (event instanceof Event.ContactEarned) {
      count("contacts.earned");
    } else if (event instanceof Event.ContactLost lost) {
      count("contacts.lost." + lost.loss());
    } else if (event instanceof Event.HintDropped dropped) {
      count("hints.dropped." + dropped.drop());
    } else if (event instanceof Event.HintParked) {
      count("hints.parked");
    } else if (event instanceof Event.IdentityCollision) {
      count("identity_collisions");
    } else if (event instanceof Event.SelfDoubt doubt && doubt.doubtful()) {
      count("self_doubts");
    }
  }

  /** The counts so far, by name; of what happened at all. */
  Map<String, Long> counts() {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((name, count) -> sums.put(name, count.sum()));
    sums.values().removeIf(sum -> sum == 0);
    return sums;
  }
}
