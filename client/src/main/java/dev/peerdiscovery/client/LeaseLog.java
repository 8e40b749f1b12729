package dev.peerdiscovery.client;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log when an instance is withdrawn that was published, and when it is back, for a
 * caller that has no listener. Runs in the context of its lease.
 */
final class LeaseLog implements Lease.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseLog.class);

  private final Registration registration;
  private boolean published;
  private boolean withdrawn;

  LeaseLog(Registration registration) {
    this.registration = registration;
  }

  @Override
  public void changed(Lease.State state) {
    if (published && !state.published()) {
      LOG.warn(
          "{} at {} is no longer published, the lease goes on: {}",
          registration.service(),
          registration.endpoint(),
          state.reason());
      withdrawn = true;
    } else if (withdrawn && state.published()) {
      LOG.info("{} at {} is published again", registration.service(), registration.endpoint());
      withdrawn = false;
    }
    published = state.published();
  }
}
