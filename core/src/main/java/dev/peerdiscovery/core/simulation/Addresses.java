package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.record.Endpoint;

/**
 * Which address each peer of a network has: peer n is the n-th, and so many in turn share a subnet
 * of 256 addresses, from 10.0.0.0 upwards.
 *
 * @param perSubnet how many peers share a subnet, 1 to 250
 */
public record Addresses(int perSubnet) {
  /** As many in a subnet as fit. */
  public static final Addresses DENSE = new Addresses(250);

  private static final int PORT = 7400;

  /** Beyond lie addresses that mean something. */
  private static final int MAX_SUBNETS = 64 << 16;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when the number is out of its bounds
   */
  public Addresses {
    if (perSubnet < 1 || perSubnet > 250) {
      throw new IllegalArgumentException("perSubnet: must be 1 to 250, got " + perSubnet);
    }
  }

  /** How many peers there can be. */
  public long capacity() {
    return (long) MAX_SUBNETS * perSubnet;
  }

  /**
   * The address of a peer.
   *
   * @throws IllegalArgumentException when there is none for it
   */
  public Endpoint of(int number) {
    int subnet = number / perSubnet;
    if (number < 0 || subnet >= MAX_SUBNETS) {
      throw new IllegalArgumentException("peer: must be 0 to " + (capacity() - 1));
    }
    String host =
        (10 + (subnet >>> 16))
            + "."
            + (subnet >>> 8 & 0xff)
            + "."
            + (subnet & 0xff)
            + "."
            + (number % perSubnet + 1);
    return new Endpoint(host, PORT);
  }
}
