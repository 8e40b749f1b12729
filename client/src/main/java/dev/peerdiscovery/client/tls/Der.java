package dev.peerdiscovery.client.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes the few kinds of ASN.1 values that a certificate is made of, in DER (X.690). The JDK reads
 * certificates and writes none.
 */
final class Der {
  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int EXPLICIT = 0xa0;

  private static final DateTimeFormatter TWO_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT);
  private static final DateTimeFormatter FOUR_DIGIT_YEAR =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT);

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return value(SEQUENCE, parts);
  }

  static byte[] explicit(int tag, byte[] part) {
    return value(EXPLICIT + tag, part);
  }

  static byte[] integer(BigInteger number) {
    return value(INTEGER, number.toByteArray());
  }

  static byte[] yes() {
    return value(BOOLEAN, new byte[] {(byte) 0xff});
  }

  static byte[] octets(byte[] content) {
    return value(OCTET_STRING, content);
  }

  /** Bits, of which the last {@code unused} do not count. */
  static byte[] bits(int unused, byte[] content) {
    return value(BIT_STRING, new byte[] {(byte) unused}, content);
  }

  /** A time as certificates have it: with two digits of the year up to 2049 (RFC 5280, 4.1.2.5). */
  static byte[] time(Instant instant) {
    ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
    boolean isShort = utc.getYear() < 2050;
    DateTimeFormatter format = isShort ? TWO_DIGIT_YEAR : FOUR_DIGIT_YEAR;
    return value(
        isShort ? UTC_TIME : GENERALIZED_TIME,
        utc.format(format).getBytes(StandardCharsets.US_ASCII));
  }

  /** An object identifier of numbers below 2^31, such as {@code 2.5.29.19}. */
  static byte[] oid(String dotted) {
    String[] numbers = dotted.split("\\.", -1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    base128(bytes, 40 * Integer.parseInt(numbers[0]) + Integer.parseInt(numbers[1]));
    for (int i = 2; i < numbers.length; i++) {
      base128(bytes, Integer.parseInt(numbers[i]));
    }
    return value(OBJECT_IDENTIFIER, bytes.toByteArray());
  }

  private static void base128(ByteArrayOutputStream bytes, int number) {
    for (int shift = 28; shift > 0; shift -= 7) {
      if (number >>> shift != 0) {
        bytes.write(((number >>> shift) & 0x7f) | 0x80);
      }
    }
    bytes.write(number & 0x7f);
  }

  private static byte[] value(int tag, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(tag);
    if (length < 0x80) {
      bytes.write(length);
    } else {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int from = digits[0] == 0 ? 1 : 0;
      bytes.write(0x80 + digits.length - from);
      bytes.write(digits, from, digits.length - from);
    }
    for (byte[] content : contents) {
      bytes.writeBytes(content);
    }
    return bytes.toByteArray();
  }
}
