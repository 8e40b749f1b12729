/** Services and callers to copy from: plain grpc-java, and a node that they run beside. */
@org.jspecify.annotations.NullMarked
package dev.peerdiscovery.examples;
