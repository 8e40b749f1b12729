package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.peerdiscovery.client.Caller;
import dev.peerdiscovery.client.ChannelLimits;
import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Contact;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.proto.PeerMethods;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path data;

  private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1);

  private final ScheduledThreadPoolExecutor owner = new ScheduledThreadPoolExecutor(1);

  @AfterEach
  void stop() {
    pool.shutdownNow();
    owner.shutdownNow();
  }

  private Saver saver() throws StartException {
    return new Saver(DataDirectory.open(data), NodeId.of(0), "default", pool);
  }

  private Optional<DataDirectory.Saved> saved() throws StartException {
    try (DataDirectory directory = DataDirectory.open(data)) {
      return directory.load(NodeId.of(0), "default");
    }
  }

  @Test
  void whatIsKnown_isWritten_beforeTheDirectoryIsFree() throws Exception {
    TestEngine test = TestEngine.withAContact();
    Saver saver = saver();
    saver.save(test.engine());
    assertThatThrownBy(() -> DataDirectory.open(data)).hasMessageContaining("another node");
    saver.close(PATIENCE);
    DataDirectory.Saved saved = saved().orElseThrow();
    assertThat(saved.contacts()).containsExactly(TestEngine.record(1));
    assertThat(saved.sequence()).isEqualTo(test.engine().self().orElseThrow().content().sequence());
  }

  @Test
  void whileItIsNotToBeTrusted_nothingIsWritten() throws Exception {
    TestEngine leaving = TestEngine.withAContact();
    leaving.engine().leave(leaving.now());
    Saver saver = saver();
    saver.save(leaving.engine());
    saver.save(TestEngine.starting(true).engine());
    saver.close(PATIENCE);
    assertThat(saved()).isEmpty();
  }

  /** Each time anew: a flag that stays up would have the first change be the last one written. */
  @Test
  void whatMatters_isWrittenSoon_andWhatDoesNot_not() throws Exception {
    TestEngine test = TestEngine.withAContact();
    Caller caller =
        Caller.over(
            to -> InProcessChannelBuilder.forName("nobody at " + to),
            new PeerMethods(TestEngine.NETWORK),
            AddressPolicy.of(Scope.PRIVATE, false),
            ChannelLimits.defaults());
    Driver driver =
        new Driver(
            test.engine(),
            caller,
            new Clock(),
            owner,
            List.of(),
            (local, owned, now) -> {},
            check -> {},
            new Counters());
    // With the first pool for itself, what is in its queue is the saver's.
    Saver saver = saver();
    Path snapshot = data.resolve("snapshot");
    try {
      saver.observe(new Event.SelfDoubt(false), driver, test.engine());
      assertThat(pool.getQueue()).isEmpty();
      Contact contact = test.engine().closest(NodeId.of(1), 1).get(0);
      for (Event event :
          List.of(
              new Event.ContactEarned(contact),
              new Event.ContactLost(contact, Event.Loss.LEFT),
              new Event.SelfChanged(TestEngine.record(0)))) {
        saver.observe(event, driver, test.engine());
        saver.observe(event, driver, test.engine());
        assertThat(pool.getQueue()).as("one for both").hasSize(1);
        await().atMost(PATIENCE).until(() -> Files.exists(snapshot));
        await().atMost(PATIENCE).until(() -> pool.getQueue().isEmpty());
        Files.delete(snapshot);
      }
    } finally {
      driver.stop();
      caller.close();
      saver.close(PATIENCE);
    }
  }

  @Test
  void afterItsEnd_nothingIsWritten() throws Exception {
    Saver saver = saver();
    saver.close(PATIENCE);
    saver.save(TestEngine.withAContact().engine());
    assertThat(saved()).isEmpty();
  }

  @Test
  void aDirectoryThatIsGone_stopsNothing() throws Exception {
    Path obstacle = Files.createDirectory(data.resolve("snapshot.new"));
    TestEngine test = TestEngine.withAContact();
    Saver saver = saver();
    saver.save(test.engine());
    saver.save(test.engine());
    saver.close(PATIENCE);
    assertThat(saved()).isEmpty();
    Files.delete(obstacle);
    Saver again = saver();
    again.save(test.engine());
    again.close(PATIENCE);
    assertThat(saved()).isPresent();
  }
}
