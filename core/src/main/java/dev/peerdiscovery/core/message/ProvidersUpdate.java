package dev.peerdiscovery.core.message;

import java.util.List;

/**
 * One message of the stream that answers {@link WatchProvidersRequest}: first all that is kept,
 * then each record that is stored, renewals and tombstones included. Of a large service it tells of
 * a part, always the same one.
 *
 * @param providers the records; at most {@value HeldProvider#MAX_IN_MESSAGE}
 * @param synced whether all that was kept at first has been said
 */
public record ProvidersUpdate(List<HeldProvider> providers, boolean synced) {
  /**
   * Copies the list and checks its size.
   *
   * @throws IllegalArgumentException when there are too many
   */
  public ProvidersUpdate {
    providers = List.copyOf(providers);
    if (providers.size() > HeldProvider.MAX_IN_MESSAGE) {
      throw new IllegalArgumentException("providers: more than " + HeldProvider.MAX_IN_MESSAGE);
    }
  }
}
