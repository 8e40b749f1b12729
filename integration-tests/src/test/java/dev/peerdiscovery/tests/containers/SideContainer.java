package dev.peerdiscovery.tests.containers;

import com.github.dockerjava.api.model.Capability;
import java.util.Collection;
import java.util.Locale;
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
            .withCreateContainerCmdModifier(
                command -> {
                  command.withEntrypoint();
                  command.getHostConfig().withCapAdd(Capability.NET_ADMIN);
                });
    container.start();
  }

  /** Lets nothing through, from or to these addresses. */
  void cutOff(Collection<String> addresses) {
    for (String address : addresses) {
      iptables("-A", "INPUT", "-s", address, "-j", "DROP");
      iptables("-A", "OUTPUT", "-d", address, "-j", "DROP");
    }
  }

  /** Loses a share of what comes from an address. */
  void lose(double share, String address) {
    iptables(
        "-A",
        "INPUT",
        "-s",
        address,
        "-m",
        "statistic",
        "--mode",
        "random",
        "--probability",
        String.format(Locale.ROOT, "%.3f", share),
        "-j",
        "DROP");
  }

  /** Lets everything through again. */
  void heal() {
    iptables("-F");
  }

  /** How many packets were lost here. */
  long lost() {
    return iptables("-L", "-v", "-n", "-x")
        .lines()
        .map(String::strip)
        .filter(line -> line.contains("DROP"))
        .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
        .sum();
  }

  private String iptables(String... arguments) {
    String[] command = new String[arguments.length + 2];
    command[0] = "iptables";
    command[1] = "-w";
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    return Member.exec(container, command);
  }

  @Override
  public void close() {
    container.stop();
  }
}
