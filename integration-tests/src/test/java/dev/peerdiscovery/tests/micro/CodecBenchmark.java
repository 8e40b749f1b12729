package dev.peerdiscovery.tests.micro;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.Codec;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.PeerMethods;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An answer of 20 records from core's value to bytes and back: as a node does it, to which most
 * records are known, and by way of the generated classes, as everybody else does.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "-Xmx1g")
@State(Scope.Thread)
public class CodecBenchmark {
  private final MethodDescriptor.Marshaller<FindNodeResponse> marshaller =
      new PeerMethods(
              Network.of(
                  Crowd.NETWORK,
                  IdentityMode.ASSIGNED,
                  dev.peerdiscovery.core.record.Scope.PRIVATE))
          .findNode()
          .getResponseMarshaller();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 14);
  private FindNodeResponse response;
  private byte[] bytes;

  /** A message as gRPC hands it over. */
  private static final class Incoming extends ByteArrayInputStream implements KnownLength {
    Incoming(byte[] bytes) {
      super(bytes);
    }
  }

  /** Makes an answer. */
  @Setup
  public void answer() {
    List<SignedPeerRecord> records =
        Arrays.stream(new Crowd(2).ids(Crowd.K)).map(id -> Crowd.contact(id).record()).toList();
    response = new FindNodeResponse(records);
    bytes = encodeGenerated();
  }

  /** Writes it into a buffer. */
  @Benchmark
  public int encode() throws IOException {
    out.reset();
    return ((Drainable) marshaller.stream(response)).drainTo(out);
  }

  /** Reads it; its records have come before. */
  @Benchmark
  public FindNodeResponse parse() {
    return marshaller.parse(new Incoming(bytes));
  }

  /** Serialises it by way of the generated classes. */
  @Benchmark
  public byte[] encodeGenerated() {
    return Codec.encode(response).toByteArray();
  }

  /** Parses it by way of the generated classes, and every record in it. */
  @Benchmark
  public FindNodeResponse parseGenerated()
      throws InvalidProtocolBufferException, MalformedMessageException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeResponse.parser().parseFrom(bytes));
  }
}
