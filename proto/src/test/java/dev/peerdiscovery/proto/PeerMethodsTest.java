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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** FindNode is read and written by hand: never otherwise than the generated classes would. */
class PeerMethodsTest {
  /** Fewer where the tests are run once for each mutant. */
  private static final int RUNS = Integer.getInteger("runs", 3000);

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

  /** The usual ones, of the own network, by hand; then the network is the very object. */
  @Test
  @SuppressWarnings("ReferenceEquality")
  void usualRequests_areReadByHand_andAllOthersAsProtobufDoes() throws Exception {
    SignedPeerRecord caller = values.signedRecord();
    for (int fields = 0; fields < 4; fields++) {
      FindNodeRequest request =
          new FindNodeRequest(
              own,
              fields % 2 == 0 ? Optional.empty() : Optional.of(caller),
              fields < 2 ? Optional.empty() : Optional.of(values.id()),
              values.id());
      byte[] whole = Codec.encode(request).toByteArray();
      FindNodeRequest read = methods.findNode().parseRequest(new Received(whole));
      assertThat(read).isEqualTo(request);
      assertThat(read.network()).isSameAs(own);
      // What was there before is still behind the bytes of a shorter one.
      for (int length = 0; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        methods.findNode().parseRequest(new Received(whole));
        assertThat(outcome(() -> methods.findNode().parseRequest(new Received(part))))
            .isEqualTo(
                outcome(
                    () ->
                        Codec.decode(
                            dev.peerdiscovery.proto.peer.v1.FindNodeRequest.parseFrom(part))));
      }
      // A field that nobody knows, an id of another length, and a network that says more.
      ByteString bytes = ByteString.copyFrom(whole);
      for (byte[] other :
          List.of(
              bytes.concat(ByteString.copyFrom(new byte[] {(byte) 0xf8, 1, 1})).toByteArray(),
              bytes.concat(bytes).toByteArray(),
              bytes.concat(ByteString.copyFrom(new byte[] {Wire.tag(4), 1, 1})).toByteArray())) {
        Object seen = outcome(() -> methods.findNode().parseRequest(new Received(other)));
        assertThat(seen)
            .isEqualTo(
                outcome(
                    () ->
                        Codec.decode(
                            dev.peerdiscovery.proto.peer.v1.FindNodeRequest.parseFrom(other))));
        assertThat(seen instanceof FindNodeRequest unusual && unusual.network() == own).isFalse();
      }
    }
  }

  /** gRPC marks a message that it may have to send again. */
  @Test
  void aMessageThatIsSent_canBeReadInParts_andAgain() throws Exception {
    FindNodeRequest request =
        new FindNodeRequest(own, Optional.empty(), Optional.empty(), values.id());
    byte[] expected = Codec.encode(request).toByteArray();
    InputStream stream = methods.findNode().streamRequest(request);
    assertThat(stream.markSupported()).isTrue();
    assertThat(stream.read()).isEqualTo(expected[0]);
    stream.mark(expected.length);
    assertThat(stream.readNBytes(3)).isEqualTo(Arrays.copyOfRange(expected, 1, 4));
    stream.reset();
    assertThat(stream.available()).isEqualTo(expected.length - 1);
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(rest)).isEqualTo(expected.length - 1);
    assertThat(rest.toByteArray()).isEqualTo(Arrays.copyOfRange(expected, 1, expected.length));
    assertThat(stream.read()).isEqualTo(-1);
    assertThat(stream.available()).isZero();
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
    assertThat(methods.addProvider().getFullMethodName())
        .isEqualTo(PeerServiceGrpc.getAddProviderMethod().getFullMethodName());
    assertThat(methods.getProviders().getFullMethodName())
        .isEqualTo(PeerServiceGrpc.getGetProvidersMethod().getFullMethodName());
    assertThat(methods.watchProviders().getFullMethodName())
        .isEqualTo(PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName());
    assertThat(methods.service().getMethods()).hasSize(5);
    // Reflection goes by it.
    assertThat(methods.service().getSchemaDescriptor())
        .isSameAs(PeerServiceGrpc.getServiceDescriptor().getSchemaDescriptor());
  }
}
