package dev.peerdiscovery.proto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import java.util.Optional;

/**
 * What decoding one field takes: whether it is there, and a name for it in complaints. Here alone
 * the complaints of core's constructors become {@link MalformedMessageException}s.
 */
final class Fields {
  /** A step of decoding. Core's constructors complain with an IllegalArgumentException. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws MalformedMessageException;
  }

  private Fields() {}

  static ByteString bytes(NodeId id) {
    return UnsafeByteOperations.unsafeWrap(id.toBytes());
  }

  static ByteString bytes(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.toArray());
  }

  static Bytes bytes(ByteString bytes) {
    return Bytes.copyOf(bytes.toByteArray());
  }

  static NodeId requiredId(String field, ByteString bytes) throws MalformedMessageException {
    if (bytes.isEmpty()) {
      throw new MalformedMessageException(field, "required");
    }
    return id(field, bytes);
  }

  static NodeId id(String field, ByteString bytes) throws MalformedMessageException {
    if (bytes.size() != NodeId.BYTES) {
      throw wrongLength(field, NodeId.BYTES, bytes);
    }
    return NodeId.fromBytes(bytes.toByteArray());
  }

  static MalformedMessageException wrongLength(String field, int wanted, ByteString got) {
    return new MalformedMessageException(field, "must be " + wanted + " bytes, got " + got.size());
  }

  static <T> T required(String field, boolean present, Step<T> step)
      throws MalformedMessageException {
    if (!present) {
      throw new MalformedMessageException(field, "required");
    }
    return in(field, step);
  }

  static <T> Optional<T> optional(String field, boolean present, Step<T> step)
      throws MalformedMessageException {
    return present ? Optional.of(in(field, step)) : Optional.empty();
  }

  /** Runs a step on a part of a message; complaints are about {@code field}, or something in it. */
  static <T> T in(String field, Step<T> step) throws MalformedMessageException {
    try {
      return checked(step);
    } catch (MalformedMessageException e) {
      throw e.in(field);
    }
  }

  /** Runs a step that constructs a value of core. */
  static <T> T checked(Step<T> step) throws MalformedMessageException {
    try {
      return step.run();
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(String.valueOf(e.getMessage()));
    }
  }
}
