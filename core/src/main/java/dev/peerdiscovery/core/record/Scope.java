package dev.peerdiscovery.core.record;

/** Which addresses a network is made of. All its nodes are set to the same one. */
public enum Scope {
  /** Any routable address, and DNS names: a company's or a cluster's network. The default. */
  PRIVATE,
  /** Literal public addresses only: a network of strangers. */
  PUBLIC,
  /** Loopback addresses only: tests and demonstrations. */
  LOOPBACK
}
