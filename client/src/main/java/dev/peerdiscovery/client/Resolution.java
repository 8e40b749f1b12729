package dev.peerdiscovery.client;

import java.util.List;

/**
 * Who provides a service.
 *
 * @param instances in no order, one for each endpoint: of several records that name it the one that
 *     was registered last; none is an answer
 * @param truncated whether there are more: a service of more than 64 instances may be told in part
 */
public record Resolution(List<Instance> instances, boolean truncated) {
  /** Copies the list. */
  public Resolution {
    instances = List.copyOf(instances);
  }
}
