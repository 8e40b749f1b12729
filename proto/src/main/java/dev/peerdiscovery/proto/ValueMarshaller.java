package dev.peerdiscovery.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * Has gRPC send and receive a value of core's where it would a generated message. What cannot be
 * decoded is thrown as gRPC wants it, with a {@link MalformedMessageException} or protobuf's own
 * exception as the cause.
 *
 * @param <V> core's value
 * @param <M> the generated message
 */
class ValueMarshaller<V, M extends Message> implements MethodDescriptor.Marshaller<V> {
  /** Decodes a message. */
  interface Decoding<M, V> {
    V decode(M message) throws MalformedMessageException;
  }

  /** More than any usual message takes. */
  private static final int SCRATCH_BYTES = 16 * 1024;

  /**
   * Holds one message of a thread's while that is read or written; nothing of it is kept.
   *
   * <p>Both are over before the thread does anything else.
   */
  private static final ThreadLocal<byte[]> SCRATCH =
      ThreadLocal.withInitial(() -> new byte[SCRATCH_BYTES]);

  private final MethodDescriptor.Marshaller<M> generated;
  private final Parser<M> parser;
  private final Function<V, M> encoding;
  private final Decoding<M, V> decoding;

  // A message's parser is that of its own class, whatever the generated signature says.
  @SuppressWarnings("unchecked")
  ValueMarshaller(M defaultInstance, Function<V, M> encoding, Decoding<M, V> decoding) {
    this.generated = ProtoUtils.marshaller(defaultInstance);
    this.parser = (Parser<M>) defaultInstance.getParserForType();
    this.encoding = encoding;
    this.decoding = decoding;
  }

  /** An array for a message of that size, until the thread asks for the next. */
  static byte[] scratch(int size) {
    return size <= SCRATCH_BYTES ? SCRATCH.get() : new byte[size];
  }

  @Override
  public InputStream stream(V value) {
    return generated.stream(encoding.apply(value));
  }

  @Override
  public final V parse(InputStream stream) {
    try {
      if (!(stream instanceof KnownLength)) {
        byte[] message = stream.readAllBytes();
        return read(message, message.length);
      }
      int size = stream.available();
      byte[] scratch = scratch(size);
      return read(scratch, stream.readNBytes(scratch, 0, size));
    } catch (MalformedMessageException | InvalidProtocolBufferException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription("the message is malformed")
          .withCause(e)
          .asRuntimeException();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the message in the first {@code size} bytes of an array, of which nothing is kept. */
  V read(byte[] message, int size)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return decoding.decode(parser.parseFrom(message, 0, size));
  }
}
