package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peerdiscovery.proto.snapshot.v1.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whatever is in the file of a snapshot, it is read, or refused with a reason.
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn test -pl node -am -Dtest=SnapshotFuzzTest      fuzzes it
 * </pre>
 */
class SnapshotFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void file(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("snapshot", ".fuzz");
    try {
      Files.write(file, bytes);
      Snapshot read = new SnapshotFile(file).read();
      new SnapshotFile(file).write(read);
      assertThat(new SnapshotFile(file).read()).isEqualTo(read);
    } catch (SnapshotFile.UnreadableException e) {
      assertThat(e).hasMessageStartingWith("it");
    } finally {
      Files.delete(file);
    }
  }
}
