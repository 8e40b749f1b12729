package dev.peerdiscovery.client;

import java.util.List;

/**
 * Who provides a service.
 *
 * @param instances in no order; nobody is an answer
 * @param truncated whether there are more: a service of more than 64 instances may be told in part
 */
public record Resolution(List<Instance> instances, boolean truncated) {
  /** Copies the list. */
  public Resolution {
    instances = List.copyOf(instances);
  }
}
