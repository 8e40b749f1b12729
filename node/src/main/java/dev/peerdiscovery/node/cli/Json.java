package dev.peerdiscovery.node.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.Map;

/** A JSON object that is put together field by field, in the order in which it is printed. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private static final Gson LINES = new GsonBuilder().disableHtmlEscaping().create();

  private final Map<String, Object> fields = new LinkedHashMap<>();

  /**
   * Adds a field.
   *
   * @param value a text, a number, a truth value, a map with texts for keys, or a list of such
   */
  Json put(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  /** The fields, to be a part of another object. */
  Map<String, Object> fields() {
    return fields;
  }

  /** The same on one line, for output that goes on. */
  String toLine() {
    return LINES.toJson(fields);
  }

  @Override
  public String toString() {
    return text(fields);
  }

  /** A map or a list as JSON. */
  static String text(Object value) {
    return GSON.toJson(value);
  }
}
