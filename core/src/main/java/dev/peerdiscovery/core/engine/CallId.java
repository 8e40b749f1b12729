package dev.peerdiscovery.core.engine;

/** Names one outgoing call of one engine; never used twice. */
public record CallId(long value) {
  @Override
  public boolean equals(Object other) {
    return other instanceof CallId id && value == id.value;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(value);
  }
}
