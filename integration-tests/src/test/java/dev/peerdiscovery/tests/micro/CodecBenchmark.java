package dev.peerdiscovery.tests.micro;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.Codec;
import dev.peerdiscovery.proto.MalformedMessageException;
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

/** From core's value to bytes and back, for an answer of 20 records. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "-Xmx1g")
@State(Scope.Thread)
public class CodecBenchmark {
  private FindNodeResponse response;
  private byte[] bytes;

  /** Makes an answer. */
  @Setup
  public void answer() {
    List<SignedPeerRecord> records =
        Arrays.stream(new Crowd(2).ids(Crowd.K)).map(id -> Crowd.contact(id).record()).toList();
    response = new FindNodeResponse(records);
    bytes = encode();
  }

  /** Serialises it. */
  @Benchmark
  public byte[] encode() {
    return Codec.encode(response).toByteArray();
  }

  /** Parses it, with every record in it. */
  @Benchmark
  public FindNodeResponse parse() throws InvalidProtocolBufferException, MalformedMessageException {
    return Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeResponse.parser().parseFrom(bytes));
  }
}
