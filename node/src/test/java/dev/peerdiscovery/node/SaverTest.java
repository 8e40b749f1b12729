package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.id.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path data;

  private final ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1);

  @AfterEach
  void stop() {
    pool.shutdownNow();
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
    assertThat(saved.sequence())
        .isEqualTo(test.engine().self().orElseThrow().content().sequence());
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
