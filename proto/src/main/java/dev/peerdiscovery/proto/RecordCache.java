package dev.peerdiscovery.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Records that were decoded lately, found by their bytes: the same few hundred come again and
 * again, in the requests and the answers of FindNode, and are neither parsed nor kept twice.
 *
 * <p>A group holds what came last, so a stranger can push records out and nothing else. Whatever is
 * found was compared byte for byte. Thread-safe, without a lock.
 */
final class RecordCache {
  private static final int SLOT_BITS = 11;
  private static final int SLOTS = 1 << SLOT_BITS;

  /**
   * How many slots make a group, of which a record may be in any; the oldest leaves. With two, 37
   * of 400 callers in turn kept each other out, and were parsed with every request.
   */
  private static final int WAYS = 4;

  /** Where ids differ: the first bytes of a large one, the last of a small one. */
  private static final int HEAD = 8;

  private static final int TAIL = 29;

  /** Big-endian, so that what differs in small ids is low: a product carries up, and not down. */
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final AtomicReferenceArray<SignedPeerRecord> slots = new AtomicReferenceArray<>(SLOTS);

  /** The record that is serialised in a part of an array. It stays unverified. */
  SignedPeerRecord decode(byte[] in, int from, int to)
      throws MalformedMessageException, InvalidProtocolBufferException {
    if (to - from < TAIL + Long.BYTES) {
      return decodeAnew(in, from, to);
    }
    // All of a group move on the same way, or two could keep each other out beside old ones.
    int first = slot(in, from) & -WAYS;
    for (int way = 0; way < WAYS; way++) {
      SignedPeerRecord known = slots.get(first + way);
      if (known != null && Wire.isRecord(known, in, from, to)) {
        return known;
      }
    }
    SignedPeerRecord decoded = decodeAnew(in, from, to);
    // With fields of a later version, or in another order, it would never be found.
    if (Wire.isRecord(decoded, in, from, to)) {
      for (int way = WAYS - 1; way > 0; way--) {
        slots.set(first + way, slots.get(first + way - 1));
      }
      slots.set(first, decoded);
    }
    return decoded;
  }

  /** A slot of the group that a record may be in. */
  static int slot(byte[] in, int from) {
    long mixed = (long) LONGS.get(in, from + HEAD) ^ (long) LONGS.get(in, from + TAIL);
    return (int) ((mixed * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - SLOT_BITS));
  }

  private static SignedPeerRecord decodeAnew(byte[] in, int from, int to)
      throws MalformedMessageException, InvalidProtocolBufferException {
    return RecordCodec.decode(
        dev.peerdiscovery.proto.peer.v1.SignedPeerRecord.parser().parseFrom(in, from, to - from));
  }
}
