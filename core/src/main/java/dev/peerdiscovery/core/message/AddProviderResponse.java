package dev.peerdiscovery.core.message;

import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.ProviderRecord;

/**
 * The answer to {@link AddProviderRequest}: it is kept.
 *
 * @param token for the publisher's next record under the same key
 */
public record AddProviderResponse(Bytes token) implements Reply {
  /**
   * Checks the token's size.
   *
   * @throws IllegalArgumentException when it is over {@value ProviderRecord#MAX_TOKEN_BYTES} bytes
   */
  public AddProviderResponse {
    if (token.size() > ProviderRecord.MAX_TOKEN_BYTES) {
      throw new IllegalArgumentException("token: longer than " + ProviderRecord.MAX_TOKEN_BYTES);
    }
  }
}
