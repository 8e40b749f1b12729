package dev.peerdiscovery.node.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The settings in the environment: {@code PEER_*}. */
final class EnvironmentLayer {
  /** Variables of that shape which are for others: the start script, and the name resolver. */
  private static final Set<String> OTHERS =
      Set.of("PEER_JAVA_OPTS", "PEER_NO_BUILD", "PEER_DEBUG", "PEER_NODE", "PEER_PROVIDERS");

  /**
   * What Kubernetes puts into every container for each service, here one that is called {@code
   * peer} or {@code peer-something}.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "PEER(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  private static final Pattern SERVICE_LINK_URL = Pattern.compile("(tcp|udp|sctp)://.*");

  private EnvironmentLayer() {}

  /**
   * Reads the variables; an empty one counts as not set.
   *
   * @throws CliException when there is a {@code PEER_*} that means nothing
   */
  static Map<Setting, Given> read(Map<String, String> environment) {
    Map<Setting, Given> given = new EnumMap<>(Setting.class);
    List<String> names = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      String name = setting.variable();
      names.add(name);
      String text = environment.getOrDefault(name, "");
      if (!text.isEmpty()) {
        given.put(setting, Given.of(name, setting, List.of(text)));
      }
    }
    new TreeMap<>(environment)
        .forEach(
            (name, text) -> {
              if (name.startsWith("PEER_") && !names.contains(name) && !isOfOthers(name, text)) {
                throw new CliException(
                    ExitCode.USAGE, "unknown variable '" + name + "'" + Suggestion.of(name, names));
              }
            });
    return given;
  }

  private static boolean isOfOthers(String name, String text) {
    return OTHERS.contains(name)
        || SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_LINK_URL.matcher(text).matches());
  }
}
