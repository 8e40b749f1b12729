package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.engine.Call;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.record.Contact;
import java.util.List;

/** Looks on at a network. It must not change anything that the engines see. */
public interface Observer {
  /** A peer starts; nothing has happened to its engine yet. */
  default void started(VirtualPeer peer) {}

  /** A peer goes on with contacts that were given to it instead of earned by calls. */
  default void resumed(VirtualPeer peer, List<Contact> contacts) {}

  /** A peer is gone, and its engine hears of nothing any more. */
  default void stopped(VirtualPeer peer) {}

  /** An engine told something. */
  default void told(VirtualPeer peer, Event event) {}

  /** A call of an engine is made. */
  default void called(VirtualPeer from, Call call) {}

  /**
   * A request arrived at a peer, and this is what it does: answers, refuses, or, where it is a
   * failure, keeps silent or sends what is no answer.
   */
  default void answered(VirtualPeer from, VirtualPeer to, Request request, Outcome answer) {}

  /** A message of a stream arrives at the engine that called for it, and is not heard yet. */
  default void updated(VirtualPeer from, Call call, ProvidersUpdate update) {}

  /** A call of an engine came to its outcome, and the engine has yet to hear of it. */
  default void completed(VirtualPeer from, Call call, Outcome outcome) {}

  /** An engine took something in and has done what it wanted. */
  default void settled(VirtualPeer peer) {}
}
