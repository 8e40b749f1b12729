package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** FindNode is read and written by hand: never otherwise than the generated classes would. */
class PeerMethodsTest {
  private static final int RUNS = 3000;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Values values = new Values(seed);
  private final Network own = values.network();
  private final PeerMethods methods = new PeerMethods(own);

  PeerMethodsTest() {
    System.out.println("seed " + seed);
  }

  /** A stream that says how long it is, as gRPC's own do. */
  private static final class Received extends ByteArrayInputStream implements KnownLength {
    Received(byte[] bytes) {
      super(bytes);
    }
  }

  private FindNodeRequest request() {
    return new FindNodeRequest(
        random.nextInt(4) == 0 ? values.network() : own,
        random.nextBoolean() ? Optional.of(values.signedRecord()) : Optional.empty(),
        random.nextBoolean() ? Optional.of(values.id()) : Optional.empty(),
        values.id());
  }

  private FindNodeResponse response() {
    List<SignedPeerRecord> few = Stream.generate(values::signedRecord).limit(5).toList();
    return new FindNodeResponse(
        Stream.generate(() -> few.get(random.nextInt(few.size())))
            .limit(random.nextInt(FindNodeResponse.MAX_PEERS + 1))
            .toList());
  }

  private static byte[] drained(InputStream stream) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int size = stream.available();
    assertThat(((Drainable) stream).drainTo(out)).isEqualTo(size);
    assertThat(stream.available()).isZero();
    return out.toByteArray();
  }

  @Test
  void whatIsWritten_isWhatProtobufWrites() throws Exception {
    for (int i = 0; i < RUNS; i++) {
      FindNodeRequest request = request();
      byte[] asked = Codec.encode(request).toByteArray();
      assertThat(drained(methods.findNode().streamRequest(request))).isEqualTo(asked);
      assertThat(methods.findNode().streamRequest(request).readAllBytes()).isEqualTo(asked);

      FindNodeResponse response = response();
      byte[] answered = Codec.encode(response).toByteArray();
      assertThat(drained(methods.findNode().streamResponse(response))).isEqualTo(answered);
      assertThat(methods.findNode().streamResponse(response).readAllBytes()).isEqualTo(answered);
    }
  }

  @Test
  void whatIsRead_isWhatWasWritten() {
    for (int i = 0; i < RUNS; i++) {
      FindNodeRequest request = request();
      byte[] asked = Codec.encode(request).toByteArray();
      assertThat(methods.findNode().parseRequest(new Received(asked))).isEqualTo(request);
      assertThat(methods.findNode().parseRequest(new ByteArrayInputStream(asked)))
          .isEqualTo(request);

      FindNodeResponse response = response();
      byte[] answered = Codec.encode(response).toByteArray();
      assertThat(methods.findNode().parseResponse(new Received(answered))).isEqualTo(response);
    }
  }

  /** Somewhere a few bytes are changed, cut out, repeated or put in. */
  private byte[] damaged(byte[] good) {
    ByteString bytes = ByteString.copyFrom(good);
    for (int i = random.nextInt(3); i >= 0 && !bytes.isEmpty(); i--) {
      int at = random.nextInt(bytes.size());
      int end = Math.min(bytes.size(), at + 1 + random.nextInt(random.nextBoolean() ? 2 : 40));
      byte[] noise = new byte[end - at];
      random.nextBytes(noise);
      ByteString middle =
          switch (random.nextInt(4)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> bytes.substring(at, end).concat(bytes.substring(at, end));
            case 2 -> ByteString.copyFrom(noise);
            default -> ByteString.copyFrom(noise).concat(bytes.substring(at, end));
          };
      bytes = bytes.substring(0, at).concat(middle).concat(bytes.substring(end));
    }
    return bytes.toByteArray();
  }

  /** Decodes and then says what came of it: the value, or the complaint. */
  private interface Decoding {
    Object decode() throws Exception;
  }

  private static Object outcome(Decoding decoding) throws Exception {
    try {
      return decoding.decode();
    } catch (MalformedMessageException e) {
      return e.getMessage();
    } catch (InvalidProtocolBufferException e) {
      return "no message";
    } catch (StatusRuntimeException e) {
      return e.getCause() instanceof MalformedMessageException malformed
          ? malformed.getMessage()
          : "no message";
    }
  }

  @Test
  void whatIsDamaged_isReadOrRefused_asByTheGeneratedClasses() throws Exception {
    MethodDescriptor<FindNodeRequest, FindNodeResponse> findNode = methods.findNode();
    List<Object> read = new ArrayList<>();
    for (int i = 0; i < 10 * RUNS; i++) {
      byte[] asked = damaged(Codec.encode(request()).toByteArray());
      Object expected =
          outcome(
              () -> Codec.decode(dev.peerdiscovery.proto.peer.v1.FindNodeRequest.parseFrom(asked)));
      assertThat(outcome(() -> findNode.parseRequest(new Received(asked)))).isEqualTo(expected);
      read.add(expected);

      byte[] answered = damaged(Codec.encode(response()).toByteArray());
      Object wanted =
          outcome(
              () ->
                  Codec.decode(
                      dev.peerdiscovery.proto.peer.v1.FindNodeResponse.parseFrom(answered)));
      assertThat(outcome(() -> findNode.parseResponse(new Received(answered)))).isEqualTo(wanted);
    }
    // Of all kinds there were some, or nothing was compared.
    assertThat(read).anyMatch(FindNodeRequest.class::isInstance).contains("no message");
    assertThat(read).anyMatch(outcome -> outcome instanceof String text && text.contains(": "));
  }

  @Test
  @SuppressWarnings("ReferenceEquality")
  void recordsThatComeAgain_areTheSameObjects() {
    FindNodeResponse response =
        new FindNodeResponse(Stream.generate(this::recordOfAnother).limit(20).toList());
    byte[] answered = Codec.encode(response).toByteArray();

    FindNodeResponse first = methods.findNode().parseResponse(new Received(answered));
    FindNodeResponse second = methods.findNode().parseResponse(new Received(answered));

    assertThat(second).isEqualTo(response);
    long same = 0;
    for (int i = 0; i < 20; i++) {
      same += first.peers().get(i) == second.peers().get(i) ? 1 : 0;
    }
    // Three that fall together can push one another out.
    assertThat(same).isGreaterThanOrEqualTo(15);
  }

  /** Of an id that no other record is of, as in a network and unlike {@link Values#id}. */
  private SignedPeerRecord recordOfAnother() {
    PeerRecord record =
        new PeerRecord(
            NodeId.random(random), List.of(values.endpoint()), random.nextLong(), "default");
    return new SignedPeerRecord(record, RecordCodec.encode(record), Bytes.EMPTY, Bytes.EMPTY);
  }

  @Test
  void onTheWire_theyAreTheGeneratedMethods() {
    assertThat(methods.service().getName()).isEqualTo(PeerServiceGrpc.SERVICE_NAME);
    assertThat(methods.ping().getFullMethodName())
        .isEqualTo(PeerServiceGrpc.getPingMethod().getFullMethodName());
    assertThat(methods.findNode().getFullMethodName())
        .isEqualTo(PeerServiceGrpc.getFindNodeMethod().getFullMethodName());
    // Reflection goes by it.
    assertThat(methods.service().getSchemaDescriptor())
        .isSameAs(PeerServiceGrpc.getServiceDescriptor().getSchemaDescriptor());
  }
}
