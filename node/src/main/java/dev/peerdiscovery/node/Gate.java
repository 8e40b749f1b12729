package dev.peerdiscovery.node;

import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;

/**
 * What all connections and calls of one listener pass through, whatever service they are for: a
 * service that is added to a server is behind it without a word about it.
 *
 * @param halfOpen bounds connections that have not begun to speak
 * @param connections counts the others
 * @param age closes old ones
 * @param calls counts calls
 * @param admission lets them in
 */
record Gate(
    HalfOpen halfOpen,
    ServerTransportFilter connections,
    ConnectionAge age,
    CallsInFlight calls,
    Admission admission) {
  /** Puts a server behind it. */
  void guard(NettyServerBuilder server) {
    server
        .addTransportFilter(halfOpen)
        .addTransportFilter(connections)
        .addStreamTracerFactory(calls)
        .intercept(admission)
        .fallbackHandlerRegistry(new UnknownMethods());
  }
}
