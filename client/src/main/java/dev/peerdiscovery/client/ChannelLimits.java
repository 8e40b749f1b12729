package dev.peerdiscovery.client;

import java.time.Duration;
import java.util.Locale;

/**
 * The limits of the channels to other peers. Immutable.
 *
 * @param channels channels kept open, 1 to 65,536; the one used least recently is closed for a new
 *     one
 * @param answerBytes the largest answer that is taken, 4 KiB to 4 MiB; one of 64 records of 1 KiB
 *     takes 68 KiB
 * @param idle after this time without a call a channel's connection is closed, 1 s to 1 h
 * @param keepAlive after this time without a sign of life a connection with calls is pinged, 10 s
 *     to 1 h; servers must permit it
 * @param keepAliveTimeout how long the ping's answer may take before the connection is given up, 1
 *     s to 1 min
 */
public record ChannelLimits(
    int channels, int answerBytes, Duration idle, Duration keepAlive, Duration keepAliveTimeout) {
  private static final ChannelLimits DEFAULTS =
      new ChannelLimits(
          256, 208 * 1024, Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(10));

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when a value is out of them
   */
  public ChannelLimits {
    check("channels", channels, 1, 65_536);
    check("answerBytes", answerBytes, 4 << 10, 4 << 20);
    check("idle", idle.toSeconds(), 1, 3600);
    check("keepAlive", keepAlive.toSeconds(), 10, 3600);
    check("keepAliveTimeout", keepAliveTimeout.toSeconds(), 1, 60);
  }

  private static void check(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s: must be %d to %d, got %d", name, least, most, value));
    }
  }

  /** What suits production. */
  public static ChannelLimits defaults() {
    return DEFAULTS;
  }

  /** The same with another number of channels. */
  public ChannelLimits withChannels(int value) {
    return new ChannelLimits(value, answerBytes, idle, keepAlive, keepAliveTimeout);
  }
}
