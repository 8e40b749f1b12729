package dev.peerdiscovery.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The address of a service without an instance: port 0 of this machine, which nothing listens at,
 * so that a connection fails at once and without a packet on any network. Every transport of gRPC
 * takes it, as one of another type it would not. Its text becomes part of the connection's error.
 */
final class NoInstance extends InetSocketAddress {
  private static final long serialVersionUID = 1;

  private final String service;

  NoInstance(String service) {
    super(InetAddress.getLoopbackAddress(), 0);
    this.service = service;
  }

  @Override
  public String toString() {
    return "service " + service + " has no instance";
  }
}
