package dev.peerdiscovery.tests.load;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Messages as bytes: nothing is parsed, and what is sent was serialised before. */
final class Raw {
  private static final String SERVICE = "peerdiscovery.bench.Echo";

  private Raw() {}

  /** The method of the bare echo, which is what gRPC itself costs. */
  static final MethodDescriptor<byte[], byte[]> ECHO = method(SERVICE + "/Echo", new AsBytes());

  /** A method as the load generator calls it: of an answer it wants the size alone. */
  static MethodDescriptor<byte[], Integer> sized(String fullName) {
    return method(fullName, new AsSize());
  }

  private static <A> MethodDescriptor<byte[], A> method(
      String fullName, MethodDescriptor.Marshaller<A> answers) {
    return MethodDescriptor.<byte[], A>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(fullName)
        .setRequestMarshaller(new AsBytes())
        .setResponseMarshaller(answers)
        .build();
  }

  private static final class AsBytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new Prepared(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readNBytes(stream.available());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class AsSize implements MethodDescriptor.Marshaller<Integer> {
    @Override
    public InputStream stream(Integer message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        return stream.available();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The fastest way that gRPC has to send bytes that are there already. */
  private static final class Prepared extends ByteArrayInputStream
      implements KnownLength, Drainable {
    Prepared(byte[] message) {
      super(message);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      target.write(buf, pos, count - pos);
      int drained = count - pos;
      pos = count;
      return drained;
    }
  }
}
