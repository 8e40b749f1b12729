package dev.peerdiscovery.proto;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way out, which is written when gRPC has made the buffer for it: in one piece, by
 * way of an array that the thread keeps. Who reads it as a stream gets a copy.
 */
abstract class Outgoing extends InputStream implements KnownLength, Drainable {
  private final int size;
  private @Nullable ByteArrayInputStream copy;

  Outgoing(int size) {
    this.size = size;
  }

  /** Writes all of it to the beginning of an array that is large enough. */
  abstract void writeTo(byte[] target);

  @Override
  public int drainTo(OutputStream target) throws IOException {
    if (copy != null) {
      return (int) copy.transferTo(target);
    }
    byte[] scratch = ValueMarshaller.scratch(size);
    writeTo(scratch);
    target.write(scratch, 0, size);
    copy = new ByteArrayInputStream(scratch, 0, 0);
    return size;
  }

  private ByteArrayInputStream copy() {
    if (copy == null) {
      byte[] bytes = new byte[size];
      writeTo(bytes);
      copy = new ByteArrayInputStream(bytes);
    }
    return copy;
  }

  @Override
  public int available() {
    return copy == null ? size : copy.available();
  }

  @Override
  public int read() {
    return copy().read();
  }

  @Override
  public int read(byte[] target, int from, int length) {
    return copy().read(target, from, length);
  }

  // gRPC takes a stream that can be marked as it is, and would wrap another.

  @Override
  public boolean markSupported() {
    return true;
  }

  @Override
  public void mark(int limit) {
    copy().mark(limit);
  }

  @Override
  public void reset() {
    copy().reset();
  }
}
