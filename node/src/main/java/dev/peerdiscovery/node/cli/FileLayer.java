package dev.peerdiscovery.node.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The settings in a HOCON file: {@code peer { listen = "0.0.0.0:7400" }}. */
final class FileLayer {
  private static final int MAX_BYTES = 1024 * 1024;
  private static final String BLOCK = "peer";

  private final String file;

  private FileLayer(String file) {
    this.file = file;
  }

  /**
   * Reads the file.
   *
   * @throws CliException when it cannot be read, is no HOCON, or has keys that mean nothing
   */
  static Map<Setting, Given> read(Given config) {
    FileLayer layer = new FileLayer(config.texts().get(0));
    String text = layer.text(config);
    try {
      ConfigParseOptions options =
          ConfigParseOptions.defaults()
              .setOriginDescription(layer.file)
              .setIncluder(new NoIncludes());
      Config parsed = ConfigFactory.parseString(text, options);
      return layer.settings(parsed.resolve(ConfigResolveOptions.defaults()).root());
    } catch (ConfigException e) {
      throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    } catch (StackOverflowError e) {
      throw new CliException(ExitCode.USAGE, layer.file + ": nested too deeply", e);
    }
  }

  private String text(Given config) {
    byte[] bytes;
    // Asked for its size, a device or a pipe says 0.
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw config.wrong("there is no file " + file);
    } catch (IOException | InvalidPathException e) {
      throw config.wrong("cannot read " + file + ": " + e.getMessage());
    }
    if (bytes.length > MAX_BYTES) {
      throw config.wrong(file + " is larger than 1 MiB");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw config.wrong(file + " is not UTF-8 text");
    }
  }

  private Map<Setting, Given> settings(ConfigObject root) {
    Map<Setting, Given> given = new EnumMap<>(Setting.class);
    for (Map.Entry<String, ConfigValue> entry : root.entrySet()) {
      if (!entry.getKey().equals(BLOCK)) {
        throw unknown(entry.getKey(), entry.getValue(), List.of(BLOCK));
      }
      if (!(entry.getValue() instanceof ConfigObject block)) {
        throw wrong(entry.getValue(), "peer: must be a block of settings, peer { … }");
      }
      block.forEach(
          (key, value) -> {
            Setting setting = setting(key, value);
            given.put(setting, given(setting, key, value));
          });
    }
    return given;
  }

  private Setting setting(String key, ConfigValue value) {
    List<String> keys = Stream.of(Setting.values()).flatMap(s -> s.key().stream()).toList();
    Optional<Setting> found =
        Stream.of(Setting.values())
            .filter(setting -> setting.key().equals(Optional.of(key)))
            .findFirst();
    return found.orElseThrow(() -> unknown(key, value, keys));
  }

  private Given given(Setting setting, String key, ConfigValue value) {
    boolean list = setting.form() == Setting.Form.LIST;
    List<String> texts = new ArrayList<>();
    if (list && value instanceof ConfigList elements) {
      elements.forEach(element -> texts.add(text(key, element, "must be a list of texts")));
    } else {
      texts.add(text(key, value, list ? "must be a text or a list of texts" : "must be one value"));
    }
    return Given.of(at(value) + ": " + BLOCK + "." + key, setting, texts);
  }

  private String text(String key, ConfigValue value, String otherwise) {
    if (value.valueType() == ConfigValueType.OBJECT
        || value.valueType() == ConfigValueType.LIST
        || value.valueType() == ConfigValueType.NULL) {
      throw wrong(value, BLOCK + "." + key + ": " + otherwise);
    }
    // As it is written: an id may look like a number with an exponent.
    return value.atKey("text").getString("text");
  }

  private CliException unknown(String key, ConfigValue value, Collection<String> known) {
    return wrong(value, "unknown key '" + key + "'" + Suggestion.of(key, known));
  }

  private CliException wrong(ConfigValue value, String why) {
    return new CliException(ExitCode.USAGE, at(value) + ": " + why);
  }

  private String at(ConfigValue value) {
    int line = value.origin().lineNumber();
    return line > 0 ? file + ": " + line : file;
  }
}
