package dev.peerdiscovery.tests;

import dev.peerdiscovery.node.PeerNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in other languages, at one node. */
class PolyglotTest {
  @TempDir Path directory;

  private PeerNode peer;
  private Polyglot polyglot;

  @BeforeEach
  void startNode() throws Exception {
    polyglot = new Polyglot(directory);
    peer = PeerNode.builder().listen("127.0.0.1:0").start();
    peer.ready().join();
  }

  @AfterEach
  void close() {
    polyglot.close();
    peer.close();
  }

  @Test
  void python() throws Exception {
    List<String> command = polyglot.python();
    polyglot.explainsItsUsage(command);
    registersResolvesAndWatches(command);
  }

  @Test
  void javascript() throws Exception {
    List<String> command = polyglot.javascript();
    polyglot.explainsItsUsage(command);
    registersResolvesAndWatches(command);
  }

  @Test
  void commandLine() throws Exception {
    polyglot.curlRegistersResolvesAndWatches("127.0.0.1:" + peer.port());
  }

  private void registersResolvesAndWatches(List<String> command) throws Exception {
    String node = "127.0.0.1:" + peer.port();
    polyglot.registersResolvesAndWatches(command, "127.0.0.1:8080", node, node, node);
  }
}
