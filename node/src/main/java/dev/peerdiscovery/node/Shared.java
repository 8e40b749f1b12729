package dev.peerdiscovery.node;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Values that connections share by a key, such as the budget of an address. One that no connection
 * has is kept for when its key comes back, of these at most a bound: those that were given back
 * last. So closing a connection and opening another one gains nothing, and many keys take no more
 * than the bound. Not thread-safe.
 */
final class Shared<K, V> {
  private static final class Use<V> {
    final V value;
    int users;

    Use(V value) {
      this.value = value;
    }
  }

  private final int maxIdle;
  private final Function<K, V> make;
  private final Map<K, Use<V>> used = new HashMap<>();

  /** Whoever was given back longest ago comes first. */
  private final Map<K, V> idle = new LinkedHashMap<>();

  Shared(int maxIdle, Function<K, V> make) {
    this.maxIdle = maxIdle;
    this.make = make;
  }

  /** The value of a key, which is this user's to give back. */
  V take(K key) {
    Use<V> use = used.get(key);
    if (use == null) {
      V kept = idle.remove(key);
      use = new Use<>(kept == null ? make.apply(key) : kept);
      used.put(key, use);
    }
    use.users++;
    return use.value;
  }

  /** One user less. */
  void giveBack(K key) {
    Use<V> use = used.get(key);
    if (use == null || --use.users > 0) {
      return;
    }
    used.remove(key);
    idle.put(key, use.value);
    if (idle.size() > maxIdle) {
      idle.remove(idle.keySet().iterator().next());
    }
  }

  /** How many have the value of a key. */
  int users(K key) {
    Use<V> use = used.get(key);
    return use == null ? 0 : use.users;
  }

  /** How many keys are known. */
  int size() {
    return used.size() + idle.size();
  }
}
