/** The protocol of peer-discovery as pure computation; needs nothing but {@code java.base}. */
module dev.peerdiscovery.core {
  requires static org.jspecify;

  exports dev.peerdiscovery.core.id;
  exports dev.peerdiscovery.core.record;
  exports dev.peerdiscovery.core.message;
  exports dev.peerdiscovery.core.routing;
  exports dev.peerdiscovery.core.lookup;
  exports dev.peerdiscovery.core.store;
  exports dev.peerdiscovery.core.engine;
  exports dev.peerdiscovery.core.simulation;
}
