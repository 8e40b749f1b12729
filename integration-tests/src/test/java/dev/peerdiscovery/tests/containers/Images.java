package dev.peerdiscovery.tests.containers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The images of the scenarios, each built once for all of them: the node's from {@code
 * deploy/Dockerfile} and what the build has just made, on {@code -Dcontainers.base=TAG} where that
 * is given; and one with iptables for side containers, which is {@code -Dcontainers.tools=TAG} or
 * built from a public one.
 */
final class Images {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path DIST = ROOT.resolve("node/target/dist");

  private Images() {}

  private static final class Node {
    static final String NAME = node();
  }

  private static final class Tools {
    static final String NAME = tools();
  }

  private static final class Orders {
    static final String NAME = orders();
  }

  /** The node. */
  static String ofNode() {
    return Node.NAME;
  }

  /** iptables, and nothing that is needed to run Java. */
  static String ofTools() {
    return Tools.NAME;
  }

  /** The example service and its caller. */
  static String ofOrders() {
    return Orders.NAME;
  }

  private static String node() {
    if (!Files.exists(DIST.resolve("peer.jar"))) {
      throw new IllegalStateException(DIST + " is missing: build the module node first");
    }
    ImageFromDockerfile image =
        new ImageFromDockerfile("peer-discovery-test", false)
            .withFileFromPath("Dockerfile", ROOT.resolve("deploy/Dockerfile"))
            .withFileFromPath("node/target/dist/lib", DIST.resolve("lib"))
            .withFileFromPath("node/target/dist/peer.jar", DIST.resolve("peer.jar"));
    Optional.ofNullable(System.getProperty("containers.base"))
        .ifPresent(base -> image.withBuildArg("BASE_IMAGE", base));
    return image.get();
  }

  private static String tools() {
    String given = System.getProperty("containers.tools");
    if (given != null) {
      return given;
    }
    return new ImageFromDockerfile("peer-discovery-test-tools", false)
        .withDockerfileFromBuilder(
            builder -> builder.from("alpine:3.20").run("apk", "add", "iptables"))
        .get();
  }

  private static String orders() {
    Path dist = ROOT.resolve("examples/java/target/dist");
    return new ImageFromDockerfile("peer-discovery-test-orders", false)
        .withFileFromPath("Dockerfile", ROOT.resolve("examples/java/Dockerfile"))
        .withFileFromPath("examples/java/target/dist", dist)
        .withBuildArg("NODE_IMAGE", ofNode())
        .get();
  }
}
