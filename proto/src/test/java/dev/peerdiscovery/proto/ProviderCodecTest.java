package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.AddProviderRequest;
import dev.peerdiscovery.core.message.AddProviderResponse;
import dev.peerdiscovery.core.message.FindNodeResponse;
import dev.peerdiscovery.core.message.GetProvidersRequest;
import dev.peerdiscovery.core.message.GetProvidersResponse;
import dev.peerdiscovery.core.message.HeldProvider;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Request;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.ProviderRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.core.record.SignedProviderRecord;
import dev.peerdiscovery.core.simulation.MessageSizes;
import dev.peerdiscovery.core.simulation.Wire;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is encoded decodes to the same value; what is damaged is decoded, or malformed. */
class ProviderCodecTest {
  @FunctionalInterface
  private interface Decoding {
    Object decode(byte[] bytes) throws MalformedMessageException, InvalidProtocolBufferException;
  }

  private static final Decoding ADD =
      b -> ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.AddProviderRequest.parseFrom(b));
  private static final Decoding ADDED =
      b -> ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.AddProviderResponse.parseFrom(b));
  private static final Decoding GET =
      b -> ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.GetProvidersRequest.parseFrom(b));
  private static final Decoding GOT =
      b -> ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.GetProvidersResponse.parseFrom(b));
  private static final Decoding WATCH =
      b -> ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.WatchProvidersRequest.parseFrom(b));
  private static final Decoding UPDATE =
      b ->
          ProviderCodec.decode(dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse.parseFrom(b));

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyValueSurvives_andDamageIsNoticed(long seed) throws Exception {
    Values values = new Values(seed);
    ProviderRecord record = values.provider();
    assertThat(ProviderCodec.decodeRecord(ProviderCodec.encode(record))).isEqualTo(record);
    SplittableRandom random = new SplittableRandom(seed);
    AddProviderRequest add = values.addProviderRequest();
    check(add, ProviderCodec.encode(add), ADD, random);
    AddProviderResponse added = new AddProviderResponse(values.token());
    check(added, ProviderCodec.encode(added), ADDED, random);
    GetProvidersRequest get = values.getProvidersRequest();
    check(get, ProviderCodec.encode(get), GET, random);
    GetProvidersResponse got = values.getProvidersResponse();
    check(got, ProviderCodec.encode(got), GOT, random);
    WatchProvidersRequest watch = values.watchProvidersRequest();
    check(watch, ProviderCodec.encode(watch), WATCH, random);
    ProvidersUpdate update = values.providersUpdate();
    check(update, ProviderCodec.encode(update), UPDATE, random);
  }

  private static void check(
      Object value, Message message, Decoding decoding, SplittableRandom random) throws Exception {
    byte[] bytes = message.toByteArray();
    assertThat(decoding.decode(bytes)).isEqualTo(value);
    for (int i = 0; i < 20 && bytes.length > 0; i++) {
      byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(bytes.length));
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      try {
        assertThat(decoding.decode(damaged)).isNotNull();
      } catch (MalformedMessageException e) {
        assertThat(e.getMessage()).matches("[a-z_.]+: [ -~]+");
      } catch (InvalidProtocolBufferException e) {
        // gRPC refuses what is no message before the codec sees it.
      }
    }
  }

  /** Simulated peers send the same bytes, and count as many. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void simulatedPeers_doTheSame(long seed) {
    Values values = new Values(seed);
    ProviderRecord record = values.provider();
    assertThat(Wire.sign(record).encoded()).isEqualTo(ProviderCodec.encode(record));
    AddProviderRequest add = values.addProviderRequest();
    assertSize(add, ProviderCodec.encode(add));
    GetProvidersRequest get = values.getProvidersRequest();
    assertSize(get, ProviderCodec.encode(get));
    WatchProvidersRequest watch = values.watchProvidersRequest();
    assertSize(watch, ProviderCodec.encode(watch));
    GetProvidersResponse got = values.getProvidersResponse();
    assertThat(MessageSizes.EXACT.of(got) - 5)
        .isEqualTo(ProviderCodec.encode(got).getSerializedSize());
    ProvidersUpdate update = values.providersUpdate();
    assertThat(MessageSizes.EXACT.of(update) - 5)
        .isEqualTo(ProviderCodec.encode(update).getSerializedSize());
  }

  private static void assertSize(Request request, Message message) {
    if (request.network().protocolVersion() == 1) {
      assertThat(MessageSizes.EXACT.of(request) - 5).isEqualTo(message.getSerializedSize());
    }
  }

  /** The sizes that {@code docs/protocol.md} names. */
  @Test
  void noMessageIsLargerThanDocumented() {
    Values values = new Values(1);
    Bytes part = Bytes.copyOf(new byte[512]);
    SignedPeerRecord caller =
        new SignedPeerRecord(
            values.record(), part, Bytes.copyOf(new byte[256]), Bytes.copyOf(new byte[256]));
    ProviderRecord content = values.provider();
    SignedProviderRecord largest =
        new SignedProviderRecord(content, Bytes.copyOf(new byte[1_024]), part, part);
    HeldProvider held =
        new HeldProvider(largest, content.withdrawn() ? java.time.Duration.ZERO : content.ttl());
    AddProviderRequest add =
        new AddProviderRequest(
            values.network(), Optional.of(caller), Optional.of(NodeId.ZERO), largest);
    GetProvidersResponse got =
        new GetProvidersResponse(
            Collections.nCopies(HeldProvider.MAX_IN_MESSAGE, held),
            4_096,
            Collections.nCopies(FindNodeResponse.MAX_PEERS, caller),
            Bytes.copyOf(new byte[ProviderRecord.MAX_TOKEN_BYTES]));

    assertThat(ProviderCodec.encode(add).getSerializedSize()).isBetween(3_072, 3_328);
    assertThat(ProviderCodec.encode(got).getSerializedSize()).isBetween(196_608, 200_000);
  }

  @Test
  void aMalformedRecord_isLeftOutOfAnAnswer() throws Exception {
    HeldProvider good = new Values(3).held();
    dev.peerdiscovery.proto.peer.v1.HeldProvider encoded = ProviderCodec.encode(good);
    dev.peerdiscovery.proto.peer.v1.HeldProvider bad =
        encoded.toBuilder()
            .setProvider(
                encoded.getProvider().toBuilder().setRecord(ByteString.copyFromUtf8("no record")))
            .build();
    var answer =
        dev.peerdiscovery.proto.peer.v1.GetProvidersResponse.newBuilder()
            .addProviders(bad)
            .addProviders(encoded)
            .build();

    assertThat(ProviderCodec.decode(answer).providers()).isEqualTo(List.of(good));
  }

  private static void assertMalformed(Decoding decoding, Message message, String why) {
    assertThatThrownBy(() -> decoding.decode(message.toByteArray()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(why);
  }

  /** Record, key and signature together are bounded, however they share it. */
  @Test
  void aRecordOfExactlyTheLimitIsTaken_andNoLargerOne() throws Exception {
    AddProviderRequest add = new Values(1).addProviderRequest();
    var encoded = ProviderCodec.encode(add);
    int content = encoded.getProvider().getRecord().size();
    for (int[] rest : new int[][] {{1, 0}, {0, 1}, {1, 2}}) {
      int room = SignedProviderRecord.MAX_BYTES - content;
      int key = room * rest[0] / (rest[0] + rest[1]);
      var most = encoded.toBuilder();
      most.getProviderBuilder()
          .setPublicKey(ByteString.copyFrom(new byte[key]))
          .setSignature(ByteString.copyFrom(new byte[room - key]));
      assertThat(ADD.decode(most.build().toByteArray())).isInstanceOf(AddProviderRequest.class);
      boolean inKey = rest[0] > rest[1];
      most.getProviderBuilder()
          .setPublicKey(ByteString.copyFrom(new byte[key + (inKey ? 1 : 0)]))
          .setSignature(ByteString.copyFrom(new byte[room - key + (inKey ? 0 : 1)]));
      assertMalformed(
          ADD,
          most.build(),
          "provider.record: larger than " + SignedProviderRecord.MAX_BYTES + " bytes");
    }
  }

  @Test
  void theTimeThatIsLeft_isAtMostTheLongest() throws Exception {
    HeldProvider held = new Values(3).held();
    long most = ProviderRecord.MAX_TTL.toMillis();
    for (long millis : new long[] {-1, most + 1}) {
      var message = ProviderCodec.encode(held).toBuilder().setRemainingMillis(millis).build();
      assertThatThrownBy(() -> ProviderCodec.decode(message))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessage("remaining_millis: more than the longest TTL");
    }
    // Of a record that says less itself that is too much all the same.
    var message = ProviderCodec.encode(held).toBuilder().setRemainingMillis(most).build();
    if (held.record().content().ttl().toMillis() < most) {
      assertThatThrownBy(() -> ProviderCodec.decode(message))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessageNotContaining("longest");
    } else {
      assertThat(ProviderCodec.decode(message).remaining()).isEqualTo(ProviderRecord.MAX_TTL);
    }
  }

  @Test
  void asManyProvidersAndPeersAsMay_andOneMore() throws Exception {
    GetProvidersResponse none = new GetProvidersResponse(List.of(), 0, List.of(), Bytes.EMPTY);
    Values values = new Values(5);
    var peers = ProviderCodec.encode(none).toBuilder();
    for (int i = 0; i < FindNodeResponse.MAX_PEERS; i++) {
      peers.addPeers(RecordCodec.encode(values.signedRecord()));
    }
    assertThat(((GetProvidersResponse) GOT.decode(peers.build().toByteArray())).peers())
        .hasSize(FindNodeResponse.MAX_PEERS);
    peers.addPeers(peers.getPeers(0));
    assertMalformed(GOT, peers.build(), "peers: more than 64");
    var providers = ProviderCodec.encode(none).toBuilder();
    for (int i = 0; i < HeldProvider.MAX_IN_MESSAGE; i++) {
      providers.addProviders(ProviderCodec.encode(values.held()));
    }
    GetProvidersResponse got = (GetProvidersResponse) GOT.decode(providers.build().toByteArray());
    assertThat(got.providers()).hasSize(HeldProvider.MAX_IN_MESSAGE);
  }

  @Test
  void tooManyProviders_orWanted_areMalformed() {
    var answer = dev.peerdiscovery.proto.peer.v1.WatchProvidersResponse.newBuilder();
    for (int i = 0; i < 65; i++) {
      answer.addProviders(dev.peerdiscovery.proto.peer.v1.HeldProvider.getDefaultInstance());
    }
    assertThatThrownBy(() -> ProviderCodec.decode(answer.build()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("providers: more than 64");
    var question =
        ProviderCodec.encode(new Values(1).getProvidersRequest()).toBuilder().setMaxProviders(65);
    assertThatThrownBy(() -> ProviderCodec.decode(question.build()))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("must be 0 to 64");
  }
}
