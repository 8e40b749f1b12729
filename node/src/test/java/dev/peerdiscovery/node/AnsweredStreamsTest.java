package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.StreamId;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Network;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import dev.peerdiscovery.core.record.IdentityMode;
import dev.peerdiscovery.core.record.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnsweredStreamsTest {
  private final TestEngine test = TestEngine.withAContact();
  private final Engine engine = test.engine();
  private final AnsweredStreams streams = new AnsweredStreams();

  private static final class Recording implements AnsweredStreams.Reader {
    final List<String> told = new ArrayList<>();
    boolean failing;

    private void tell(String word) {
      told.add(word);
      if (failing) {
        throw new AssertionError("on purpose");
      }
    }

    @Override
    public void refused(Refusal why) {
      tell(why.reason().name());
    }

    @Override
    public void updated(ProvidersUpdate update) {
      tell("updated");
    }

    @Override
    public void ended() {
      tell("ended");
    }
  }

  private StreamId open(Recording reader, Network network) {
    StreamId id = streams.next();
    WatchProvidersRequest request =
        new WatchProvidersRequest(
            network, Optional.of(TestEngine.record(1)), Optional.empty(), NodeId.of(5));
    streams.open(id, request, reader, engine, test.now());
    return id;
  }

  private StreamId open(Recording reader) {
    return open(reader, TestEngine.NETWORK);
  }

  private void send() {
    streams.send(engine.drainStreamed(), engine);
  }

  @Test
  void aReader_isToldOfItsOwnStream_untilItIsClosed() {
    Recording one = new Recording();
    Recording two = new Recording();
    StreamId id = open(one);
    send();
    assertThat(one.told).containsExactly("updated");
    open(two);
    streams.close(id, engine);
    send();
    assertThat(one.told).containsExactly("updated");
    assertThat(two.told).containsExactly("updated");
    assertThat(engine.services().kept().streams()).isEqualTo(1);
    streams.endAll(engine);
    assertThat(one.told).as("no more of it").containsExactly("updated");
    assertThat(two.told).containsExactly("updated", "ended");
    assertThat(engine.services().kept().streams()).isZero();
  }

  @Test
  void whatTheEngineRefuses_isToldSo_andIsNoStream() {
    Recording reader = new Recording();
    open(reader, Network.of("another", IdentityMode.ASSIGNED, Scope.PRIVATE));
    send();
    streams.endAll(engine);
    assertThat(reader.told).containsExactly("OTHER_NETWORK");
  }

  @Test
  void aReaderThatThrows_isToldNoMore_andKeepsNoOtherFromIt() {
    Recording failing = new Recording();
    failing.failing = true;
    Recording other = new Recording();
    open(failing);
    open(other);
    send();
    assertThat(failing.told).containsExactly("updated");
    assertThat(other.told).containsExactly("updated");
    assertThat(engine.services().kept().streams()).isEqualTo(1);
  }

  @Test
  void aReaderThatThrowsAtTheEnd_keepsNoOtherFromItsEnd() {
    List<Recording> readers = List.of(new Recording(), new Recording(), new Recording());
    readers.forEach(this::open);
    send();
    readers.forEach(reader -> reader.failing = true);
    streams.endAll(engine);
    assertThat(readers).allSatisfy(r -> assertThat(r.told).containsExactly("updated", "ended"));
    assertThat(engine.services().kept().streams()).isZero();
    streams.endAll(engine);
    assertThat(readers).allSatisfy(r -> assertThat(r.told).hasSize(2));
  }
}
