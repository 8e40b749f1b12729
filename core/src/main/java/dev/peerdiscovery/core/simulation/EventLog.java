package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Event;
import java.util.ArrayList;
import java.util.List;

/** Keeps everything that peers told. For small networks: it grows without bound. */
public final class EventLog implements Observer {
  private final List<List<Event>> events = new ArrayList<>();

  /** An empty log. */
  public EventLog() {}

  @Override
  public void told(VirtualPeer peer, Event event) {
    while (events.size() <= peer.number()) {
      events.add(new ArrayList<>());
    }
    events.get(peer.number()).add(event);
  }

  /** What a peer told, oldest first. */
  public List<Event> of(VirtualPeer peer) {
    return peer.number() < events.size() ? events.get(peer.number()) : List.of();
  }

  /** What a peer told of one kind, oldest first. */
  public <E extends Event> List<E> of(VirtualPeer peer, Class<E> kind) {
    return of(peer).stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
