package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.client.Instance;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How instances of a service are printed. */
final class Instances {
  private Instances() {}

  static TextTable table(List<Instance> instances) {
    TextTable table = new TextTable("ENDPOINT", "METADATA", "PUBLISHER", "HOLDS FOR");
    for (Instance instance : sorted(instances)) {
      table.add(
          instance.endpoint(),
          instance.metadata().isEmpty() ? "-" : metadata(instance),
          instance.publisher().toShortString(),
          Times.rough(instance.remaining()));
    }
    return table;
  }

  static String metadata(Instance instance) {
    return instance.metadata().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  static Map<String, Object> json(Instance instance) {
    Json json =
        new Json()
            .put("endpoint", instance.endpoint().toString())
            .put("metadata", instance.metadata())
            .put("publisher", instance.publisher().toString());
    if (!instance.remaining().isZero()) {
      json.put("remainingSeconds", instance.remaining().toMillis() / 1e3);
    }
    return json.fields();
  }

  static List<Map<String, Object>> json(List<Instance> instances) {
    return sorted(instances).stream().map(Instances::json).toList();
  }

  static List<Instance> sorted(List<Instance> instances) {
    return instances.stream()
        .sorted(Comparator.comparing(instance -> instance.endpoint().toString()))
        .toList();
  }
}
