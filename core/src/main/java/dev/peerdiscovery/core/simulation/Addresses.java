package dev.peerdiscovery.core.simulation;

import dev.peerdiscovery.core.record.Endpoint;

/**
 * Which address each peer of a network has: peer n is the n-th, and so many in turn share a subnet
 * of 256 addresses, upwards from an address.
 *
 * @param first the first number of the lowest address, 1 to 63
 * @param perSubnet how many peers share a subnet, 1 to 250
 */
public record Addresses(int first, int perSubnet) {
  /** As many in a subnet as fit. */
  public static final Addresses DENSE = new Addresses(250);

  private static final int PRIVATE = 10;

  /** From here upwards all are public, as many as there may be. */
  private static final int PUBLIC = 20;

  private static final int PORT = 7400;

  /** Beyond lie addresses that mean something. */
  private static final int MAX_SUBNETS = 64 << 16;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when the number is out of its bounds
   */
  public Addresses {
    if (first < 1 || first > 63) {
      throw new IllegalArgumentException("first: must be 1 to 63, got " + first);
    }
    if (perSubnet < 1 || perSubnet > 250) {
      throw new IllegalArgumentException("perSubnet: must be 1 to 250, got " + perSubnet);
    }
  }

  /** From 10.0.0.0 upwards. */
  public Addresses(int perSubnet) {
    this(PRIVATE, perSubnet);
  }

  /** Public addresses, for networks of strangers. */
  public static Addresses ofStrangers(int perSubnet) {
    return new Addresses(PUBLIC, perSubnet);
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
        (first + (subnet >>> 16))
            + "."
            + (subnet >>> 8 & 0xff)
            + "."
            + (subnet & 0xff)
            + "."
            + (number % perSubnet + 1);
    return new Endpoint(host, PORT);
  }
}
