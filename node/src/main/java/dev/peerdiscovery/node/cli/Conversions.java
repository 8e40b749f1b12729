package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Scope;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the project's own values from the command line; they know best what is wrong with them. */
final class Conversions {
  private Conversions() {}

  static void registerAt(CommandLine line) {
    line.registerConverter(NodeId.class, by(NodeId::parse))
        .registerConverter(Endpoint.class, by(Endpoint::parse))
        .registerConverter(IdRange.class, by(IdRange::parse))
        .registerConverter(Scope.class, by(text -> constant(Scope.class, text)));
  }

  /**
   * Reads the name of a constant, in whatever case.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  static <E extends Enum<E>> E constant(Class<E> type, String text) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> names = constants.stream().map(e -> e.name().toLowerCase(Locale.ROOT)).toList();
    String name = text.toLowerCase(Locale.ROOT);
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "must be " + String.join(" or ", names) + Suggestion.of(name, names));
    }
    return constants.get(names.indexOf(name));
  }

  private static <T> ITypeConverter<T> by(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}
