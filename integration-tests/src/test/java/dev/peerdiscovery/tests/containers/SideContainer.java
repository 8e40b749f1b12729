package dev.peerdiscovery.tests.containers;

import static java.util.stream.Collectors.joining;

import com.github.dockerjava.api.model.Capability;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.ImagePullPolicy;
import org.testcontainers.utility.DockerImageName;

/**
 * A container in the network of another, where it loses packets for it: so the image of a node
 * needs no tools and no privileges. It lasts as long as the run of the container that it stands
 * beside.
 */
final class SideContainer implements AutoCloseable {
  private static final ImagePullPolicy NEVER = name -> false;

  private final GenericContainer<?> container;

  SideContainer(String besideId) {
    container =
        new GenericContainer<>(DockerImageName.parse(Images.ofTools()))
            .withImagePullPolicy(NEVER)
            .withNetworkMode("container:" + besideId)
            .withCommand("sleep", "86400")
            .withLabels(Labels.ofThisRun())
            .withCreateContainerCmdModifier(
                command -> {
                  command.withEntrypoint();
                  command.getHostConfig().withCapAdd(Capability.NET_ADMIN);
                });
    container.start();
  }

  /** Lets nothing through, from or to these addresses. */
  void cutOff(Collection<String> addresses) {
    rules(
        addresses.stream()
            .flatMap(at -> Stream.of("INPUT -s " + at + " -j DROP", "OUTPUT -d " + at + " -j DROP"))
            .toList());
  }

  /** Loses a share of what comes from each of these addresses. */
  void lose(double share, Collection<String> addresses) {
    String random =
        String.format(Locale.ROOT, "-m statistic --mode random --probability %.3f", share);
    rules(addresses.stream().map(at -> "INPUT -s " + at + " " + random + " -j DROP").toList());
  }

  /** All at once: to begin a program in a container takes longer than what it does. */
  private void rules(List<String> rules) {
    String all = rules.stream().map(rule -> "iptables -w -A " + rule).collect(joining(" && "));
    Member.exec(container, "sh", "-c", all);
  }

  /** Lets everything through again. */
  void heal() {
    Member.exec(container, "iptables", "-w", "-F");
  }

  /** How many packets were lost here. */
  long lost() {
    return Member.exec(container, "iptables", "-w", "-L", "-v", "-n", "-x")
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("DROP"))
        .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
        .sum();
  }

  @Override
  public void close() {
    container.stop();
  }
}
