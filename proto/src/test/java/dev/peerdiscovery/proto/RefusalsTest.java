package dev.peerdiscovery.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalsTest {
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  @ParameterizedTest
  @EnumSource
  void everyRefusalTravels(Refusal.Reason reason) throws Exception {
    Refusal refusal = new Refusal(reason, "target: must be 32 bytes, got 31");

    StatusRuntimeException exception = Refusals.toException(refusal);

    assertThat(Refusals.outcomeOf(exception)).isEqualTo(refusal);
    assertThat(Refusals.outcomeOf(new ExecutionException(exception))).isEqualTo(refusal);
    Any info = StatusProto.fromThrowable(exception).getDetails(0);
    assertThat(info.unpack(ErrorInfo.class))
        .isEqualTo(
            ErrorInfo.newBuilder().setDomain("peerdiscovery.dev").setReason(reason.name()).build());
  }

  static Stream<Arguments> codes() {
    return Stream.of(
        Arguments.of(Refusal.Reason.MALFORMED, Status.Code.INVALID_ARGUMENT),
        Arguments.of(Refusal.Reason.OTHER_NETWORK, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.OTHER_IDENTITY, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.OTHER_SCOPE, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.OTHER_VERSION, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.OTHER_PEER, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.OVERLOADED, Status.Code.RESOURCE_EXHAUSTED),
        Arguments.of(Refusal.Reason.QUARANTINED, Status.Code.RESOURCE_EXHAUSTED),
        Arguments.of(Refusal.Reason.NOT_SERVING, Status.Code.UNAVAILABLE),
        Arguments.of(Refusal.Reason.BAD_TOKEN, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.NOT_YOURS, Status.Code.PERMISSION_DENIED),
        Arguments.of(Refusal.Reason.ADDRESS_NOT_ALLOWED, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.SUPERSEDED, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.NOT_THERE, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.REGION_UNREACHABLE, Status.Code.UNAVAILABLE),
        Arguments.of(Refusal.Reason.HELD, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.WITHDRAWN, Status.Code.FAILED_PRECONDITION),
        Arguments.of(Refusal.Reason.FULL, Status.Code.RESOURCE_EXHAUSTED),
        Arguments.of(Refusal.Reason.UNKNOWN, Status.Code.UNKNOWN));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource
  void codes(Refusal.Reason reason, Status.Code code) {
    assertThat(Refusals.toException(new Refusal(reason, "")).getStatus().getCode()).isEqualTo(code);
  }

  /** In words, and without what was dialled, which may be long and is not ours. */
  @ParameterizedTest
  @CsvSource({
    "java.net.ConnectException, connection refused",
    "java.net.UnknownHostException, no such host",
    "java.io.IOException, IOException"
  })
  void whatTheNetworkSays_isSaidByItsKind(Class<? extends IOException> type, String words)
      throws Exception {
    IOException cause = type.getConstructor(String.class).newInstance("far.example:7400");
    StatusRuntimeException error =
        Status.UNAVAILABLE.withCause(new IllegalStateException(cause)).asRuntimeException();
    Failure failure = (Failure) Refusals.outcomeOf(error);
    assertThat(failure.detail()).endsWith(": " + words).doesNotContain("example");
  }

  @Test
  void printableIsWhatAsciiPrints() {
    assertThat(Refusals.printable(" ~a")).isEqualTo(" ~a");
    assertThat(Refusals.printable("\u001f\u007f\\\u00e9"))
        .isEqualTo("\\u001f\\u007f\\u005c\\u00e9");
  }

  @Test
  void everyReasonHasItsRow() {
    assertThat(codes().map(row -> row.get()[0]))
        .containsExactly((Object[]) Refusal.Reason.values());
  }

  @Test
  void anOverloadedPeerSaysWhenToComeBack() throws Exception {
    var status =
        StatusProto.fromThrowable(
            Refusals.toException(new Refusal(Refusal.Reason.OVERLOADED, "busy")));
    RetryInfo retry = status.getDetails(1).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(1);
    assertThat(retry.getRetryDelay().getNanos()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 500000000, PT0.5S",
    "3, 0, PT3S",
    "600, 1, PT10M",
    "9223372036854775807, 999999999, PT10M",
    "-5, -5, PT0S",
    "0, 2147483647, PT0.999999999S"
  })
  void pauseThatIsAskedFor_isReadWithinItsBounds(long seconds, int nanos, String read) {
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(
                            com.google.protobuf.Duration.newBuilder()
                                .setSeconds(seconds)
                                .setNanos(nanos))
                        .build()))
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setDomain(Refusals.DOMAIN)
                        .setReason("OVERLOADED")
                        .build()))
            .build();
    Refusal refusal = (Refusal) Refusals.outcomeOf(StatusProto.toStatusRuntimeException(status));
    assertThat(refusal.retryAfter()).isEqualTo(Duration.parse(read));
  }

  static Stream<Arguments> errors() {
    Refusal.Reason unknown = Refusal.Reason.UNKNOWN;
    return Stream.of(
        failed(Status.DEADLINE_EXCEEDED, Failure.Kind.TIMEOUT, "no answer within the deadline"),
        failed(Status.UNAVAILABLE, Failure.Kind.UNREACHABLE, "nobody could be reached"),
        failed(
            Status.UNAVAILABLE
                .withDescription("from a \u001b[31mproxy")
                .withCause(new IOException("no\nroute")),
            Failure.Kind.UNREACHABLE,
            "nobody could be reached: IOException"),
        failed(Status.CANCELLED, Failure.Kind.CANCELLED, "cancelled"),
        failed(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "gRPC message exceeds maximum size 65536: 70000"),
            Failure.Kind.INVALID_ANSWER,
            "the answer is larger than allowed"),
        failed(
            Status.RESOURCE_EXHAUSTED.withDescription(
                "Decompressed gRPC message exceeds maximum size 65536"),
            Failure.Kind.INVALID_ANSWER,
            "the answer is larger than allowed"),
        failed(
            Status.INTERNAL
                .withDescription("Invalid protobuf byte sequence")
                .withCause(new InvalidProtocolBufferException("truncated")),
            Failure.Kind.INVALID_ANSWER,
            "the answer is not a serialised message"),
        failed(
            new MalformedMessageException("peers", "more than 64"),
            Failure.Kind.INVALID_ANSWER,
            "peers: more than 64"),
        failed(new CancellationException(), Failure.Kind.CANCELLED, "cancelled"),
        failed(
            new IllegalStateException("secret"),
            Failure.Kind.CANCELLED,
            "the call failed here: IllegalStateException"),
        refused(Status.RESOURCE_EXHAUSTED, Refusal.Reason.OVERLOADED, ""),
        refused(
            Status.RESOURCE_EXHAUSTED.withDescription("too many streams"),
            Refusal.Reason.OVERLOADED,
            "too many streams"),
        refused(
            Status.UNIMPLEMENTED.withDescription("no such method"),
            unknown,
            "UNIMPLEMENTED: no such method"),
        refused(Status.INTERNAL, unknown, "INTERNAL"),
        refused(Status.UNKNOWN, unknown, "UNKNOWN"),
        refused(Status.PERMISSION_DENIED, unknown, "PERMISSION_DENIED"),
        refused(Status.INVALID_ARGUMENT, unknown, "INVALID_ARGUMENT"));
  }

  private static Arguments failed(Status status, Failure.Kind kind, String detail) {
    return failed(status.asRuntimeException(), kind, detail);
  }

  private static Arguments failed(Throwable error, Failure.Kind kind, String detail) {
    return Arguments.of(error, new Failure(kind, detail));
  }

  private static Arguments refused(Status status, Refusal.Reason reason, String detail) {
    return Arguments.of(status.asRuntimeException(), new Refusal(reason, detail));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void errors(Throwable error, Outcome expected) {
    assertThat(Refusals.outcomeOf(error)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeComesToSomething(Status.Code code) {
    StatusException error = code.toStatus().withDescription("x\u0007").asException();
    assertThat(Refusals.outcomeOf(error).toString()).doesNotContain("\u0007");
  }

  @Test
  void anUnknownReasonIsARefusalAllTheSame() {
    assertThat(Refusals.outcomeOf(error("peerdiscovery.dev", "FULL_MOON", "come back tomorrow")))
        .isEqualTo(new Refusal(Refusal.Reason.UNKNOWN, "come back tomorrow"));
  }

  @Test
  void anotherDomainsReasonsAreNotOurs() {
    assertThat(Refusals.outcomeOf(error("example.com", "OVERLOADED", "no")))
        .isEqualTo(new Refusal(Refusal.Reason.UNKNOWN, "FAILED_PRECONDITION: no"));
  }

  @Test
  void detailsThatAreNoneAreAsGoodAsAbsent() {
    Metadata garbage = new Metadata();
    garbage.put(DETAILS, new byte[] {(byte) 0xff, 1, 2});
    assertUnreachable(garbage);

    Metadata contradiction = new Metadata();
    contradiction.put(DETAILS, com.google.rpc.Status.newBuilder().setCode(3).build().toByteArray());
    assertUnreachable(contradiction);

    Metadata badInfo = new Metadata();
    Any info = Any.pack(ErrorInfo.getDefaultInstance());
    badInfo.put(
        DETAILS,
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.UNAVAILABLE.value())
            .addDetails(info.toBuilder().setValue(ByteString.copyFromUtf8("garbage")))
            .build()
            .toByteArray());
    assertUnreachable(badInfo);
  }

  private static void assertUnreachable(Metadata trailers) {
    assertThat(Refusals.outcomeOf(Status.UNAVAILABLE.asRuntimeException(trailers)))
        .isEqualTo(new Failure(Failure.Kind.UNREACHABLE, "nobody could be reached"));
  }

  @Test
  void textOfARemoteIsCutAndEscaped() {
    assertThat(detail("a\nb\tc\u001b[31m\u202e\\ü"))
        .isEqualTo("a\\u000ab\\u0009c\\u001b[31m\\u202e\\u005c\\u00fc");
    assertThat(detail("x".repeat(1 << 20))).isEqualTo("x".repeat(200));
    // An escape is never cut in two.
    assertThat(detail("x".repeat(195) + "\n")).isEqualTo("x".repeat(195));
    char[] bells = new char[100];
    Arrays.fill(bells, '\u0007');
    assertThat(detail(new String(bells))).hasSize(198);
  }

  private static String detail(String sent) {
    Refusal refusal = (Refusal) Refusals.outcomeOf(error("peerdiscovery.dev", "OTHER_PEER", sent));
    return refusal.detail();
  }

  private static StatusRuntimeException error(String domain, String reason, String message) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.FAILED_PRECONDITION.value())
            .setMessage(message)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setDomain(domain).setReason(reason).build()))
            .build());
  }
}
