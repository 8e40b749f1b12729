package dev.peerdiscovery.proto;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.peerdiscovery.proto.peer.v1.PeerRecord;
import dev.peerdiscovery.proto.peer.v1.SignedPeerRecord;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The text of a golden vector: what it is, its type, one line for each field that is sent, in the
 * names of the .proto files, and the bytes in hex.
 */
final class GoldenText {
  private static final String HEX = "\nhex:\n";
  private static final int HEX_DIGITS_PER_LINE = 64;
  private static final TypeRegistry DETAILS =
      TypeRegistry.newBuilder()
          .add(ErrorInfo.getDescriptor())
          .add(RetryInfo.getDescriptor())
          .build();

  private final StringBuilder lines = new StringBuilder();

  private GoldenText() {}

  static String of(String about, Message message) throws InvalidProtocolBufferException {
    GoldenText text = new GoldenText();
    text.lines.append("# ").append(about).append('\n');
    text.lines.append("message: ").append(message.getDescriptorForType().getFullName());
    text.lines.append("\n\n");
    text.add("", message);
    text.lines.append(HEX);
    String hex = HexFormat.of().formatHex(message.toByteArray());
    for (int i = 0; i < hex.length(); i += HEX_DIGITS_PER_LINE) {
      text.lines.append(hex, i, Math.min(hex.length(), i + HEX_DIGITS_PER_LINE)).append('\n');
    }
    return text.lines.toString();
  }

  static byte[] bytesOf(String text) {
    String hex = text.substring(text.indexOf(HEX) + HEX.length());
    return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
  }

  private void add(String path, Message message) throws InvalidProtocolBufferException {
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      String name = path + field.getName();
      if (field.isRepeated()) {
        List<?> values = (List<?>) entry.getValue();
        for (int i = 0; i < values.size(); i++) {
          add(name + "[" + i + "]", field, values.get(i));
        }
      } else {
        add(name, field, entry.getValue());
      }
    }
    for (Map.Entry<Integer, UnknownFieldSet.Field> entry :
        message.getUnknownFields().asMap().entrySet()) {
      String name = path + "(unknown field " + entry.getKey() + ")";
      entry.getValue().getVarintList().forEach(value -> line(name, value));
      entry.getValue().getLengthDelimitedList().forEach(value -> line(name, hex(value)));
    }
  }

  private void add(String name, FieldDescriptor field, Object value)
      throws InvalidProtocolBufferException {
    if (field.getContainingType().equals(SignedPeerRecord.getDescriptor())
        && field.getNumber() == SignedPeerRecord.RECORD_FIELD_NUMBER) {
      // Bytes on the wire; a reader wants to know what they say.
      add(name + ".", PeerRecord.parseFrom((ByteString) value));
    } else if (value instanceof Any any) {
      line(name + ".type_url", any.getTypeUrl());
      Message detail =
          com.google.protobuf.DynamicMessage.parseFrom(
              DETAILS.getDescriptorForTypeUrl(any.getTypeUrl()), any.getValue());
      add(name + ".value.", detail);
    } else if (value instanceof Message message) {
      add(name + ".", message);
    } else if (value instanceof ByteString bytes) {
      line(name, hex(bytes));
    } else if (field.getType() == FieldDescriptor.Type.UINT64) {
      line(name, Long.toUnsignedString((Long) value));
    } else {
      line(name, value);
    }
  }

  private void line(String name, Object value) {
    lines.append(name).append(" = ").append(value).append('\n');
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
