/**
 * The border between the wire and core: the one {@linkplain dev.peerdiscovery.proto.Codec codec}
 * between generated messages and core's values, and {@linkplain dev.peerdiscovery.proto.Refusals
 * refusals} as gRPC statuses. What a remote sent is checked here and nowhere else; the generated
 * classes go no further.
 *
 * <p>Start with {@code Codec}. Depends on core's {@code id}, {@code record} and {@code message}, on
 * protobuf, and on gRPC's statuses; it performs no call.
 */
@NullMarked
package dev.peerdiscovery.proto;

import org.jspecify.annotations.NullMarked;
