package dev.peerdiscovery.proto;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.peerdiscovery.core.message.Failure;
import dev.peerdiscovery.core.message.Outcome;
import dev.peerdiscovery.core.message.Refusal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Core's {@link Refusal} as a gRPC status with an {@code ErrorInfo}, and what a failed call comes
 * to.
 *
 * <p>Details that come out are fit for a log or a terminal: text of a remote is cut to {@value
 * #MAX_DETAIL} characters, and everything in it but printable ASCII is escaped. A {@link Failure}
 * holds none of it.
 *
 * <p>Stateless; safe for use by several threads.
 */
public final class Refusals {
  /** The domain of the {@code ErrorInfo}. */
  public static final String DOMAIN = "peerdiscovery.dev";

  /** The most characters of a detail that comes from a remote. */
  static final int MAX_DETAIL = 200;

  private Refusals() {}

  /** The error that a server ends the call with. */
  public static StatusRuntimeException toException(Refusal refusal) {
    return StatusProto.toStatusRuntimeException(message(refusal));
  }

  /** The refusal as it travels in the trailers. */
  static com.google.rpc.Status message(Refusal refusal) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder()
            .setCode(code(refusal.reason()).getNumber())
            .setMessage(refusal.detail())
            .addDetails(
                Any.pack(
                    ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason(refusal.reason().name())
                        .build()));
    if (!refusal.retryAfter().isZero()) {
      Duration pause =
          Duration.newBuilder()
              .setSeconds(refusal.retryAfter().toSeconds())
              .setNanos(refusal.retryAfter().toNanosPart())
              .build();
      status.addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(pause).build()));
    }
    return status.build();
  }

  private static Code code(Refusal.Reason reason) {
    return switch (reason) {
      case MALFORMED -> Code.INVALID_ARGUMENT;
      case OTHER_NETWORK, OTHER_IDENTITY, OTHER_SCOPE, OTHER_VERSION, OTHER_PEER ->
          Code.FAILED_PRECONDITION;
      case BAD_TOKEN, SUPERSEDED, ADDRESS_NOT_ALLOWED, NOT_THERE, HELD, WITHDRAWN ->
          Code.FAILED_PRECONDITION;
      case NOT_YOURS -> Code.PERMISSION_DENIED;
      case OVERLOADED, QUARANTINED, FULL -> Code.RESOURCE_EXHAUSTED;
      case NOT_SERVING, REGION_UNREACHABLE -> Code.UNAVAILABLE;
      case UNKNOWN -> Code.UNKNOWN;
    };
  }

  /**
   * What a call comes to that ended with an error, which may also be the {@link
   * MalformedMessageException} of an answer that could not be decoded. Throws nothing, whatever the
   * remote put into its error.
   */
  public static Outcome outcomeOf(Throwable error) {
    Optional<Outcome> local = localOutcome(error);
    if (local.isPresent()) {
      return local.get();
    }
    Status status = Status.fromThrowable(error);
    List<Any> details = details(error);
    Optional<Refusal.Reason> reason = reason(details);
    if (reason.isPresent()) {
      return new Refusal(
          reason.get(),
          printable(status.getDescription()),
          retryAfter(details).orElse(new Refusal(reason.get(), "").retryAfter()));
    }
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> failure(Failure.Kind.TIMEOUT, "no answer within the deadline");
      case UNAVAILABLE ->
          failure(Failure.Kind.UNREACHABLE, "nobody could be reached" + rootCause(error));
      case CANCELLED -> failure(Failure.Kind.CANCELLED, "cancelled");
      case RESOURCE_EXHAUSTED ->
          isOverOurLimit(status)
              ? failure(Failure.Kind.INVALID_ANSWER, "the answer is larger than allowed")
              : new Refusal(Refusal.Reason.OVERLOADED, printable(status.getDescription()));
      default -> {
        String code = status.getCode().name();
        String description = status.getDescription();
        yield new Refusal(
            Refusal.Reason.UNKNOWN,
            printable(description == null ? code : code + ": " + description));
      }
    };
  }

  /** What the error says when it was made here and not by the remote. */
  private static Optional<Outcome> localOutcome(Throwable error) {
    boolean hasStatus = false;
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof MalformedMessageException malformed) {
        return Optional.of(failure(Failure.Kind.INVALID_ANSWER, malformed.getMessage()));
      }
      if (t instanceof InvalidProtocolBufferException) {
        return Optional.of(
            failure(Failure.Kind.INVALID_ANSWER, "the answer is not a serialised message"));
      }
      if (t instanceof CancellationException) {
        return Optional.of(failure(Failure.Kind.CANCELLED, "cancelled"));
      }
      hasStatus |= t instanceof StatusRuntimeException || t instanceof io.grpc.StatusException;
    }
    // A fault of our own says nothing about the peer.
    return hasStatus
        ? Optional.empty()
        : Optional.of(failure(Failure.Kind.CANCELLED, "the call failed here" + rootCause(error)));
  }

  /** The details of the remote's error; none where they are not to be read. */
  private static List<Any> details(Throwable error) {
    try {
      com.google.rpc.@Nullable Status status = StatusProto.fromThrowable(error);
      return status == null ? List.of() : status.getDetailsList();
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** The reason in the first ErrorInfo of our domain. */
  private static Optional<Refusal.Reason> reason(List<Any> details) {
    for (Any detail : details) {
      Optional<ErrorInfo> info = unpacked(detail, ErrorInfo.class);
      if (info.isPresent() && info.get().getDomain().equals(DOMAIN)) {
        return Optional.of(reason(info.get().getReason()));
      }
    }
    return Optional.empty();
  }

  /** The pause that the remote asks for, cut to what a refusal may hold. */
  private static Optional<java.time.Duration> retryAfter(List<Any> details) {
    for (Any detail : details) {
      Optional<RetryInfo> info = unpacked(detail, RetryInfo.class);
      if (info.isPresent()) {
        long most = Refusal.MAX_RETRY_AFTER.toSeconds();
        Duration delay = info.get().getRetryDelay();
        long seconds = Math.max(0, Math.min(most, delay.getSeconds()));
        int nanos = Math.max(0, Math.min(999_999_999, delay.getNanos()));
        return Optional.of(java.time.Duration.ofSeconds(seconds, seconds == most ? 0 : nanos));
      }
    }
    return Optional.empty();
  }

  private static <M extends Message> Optional<M> unpacked(Any detail, Class<M> type) {
    try {
      return detail.is(type) ? Optional.of(detail.unpack(type)) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static Refusal.Reason reason(String name) {
    for (Refusal.Reason reason : Refusal.Reason.values()) {
      if (reason.name().equals(name)) {
        return reason;
      }
    }
    return Refusal.Reason.UNKNOWN;
  }

  /** gRPC reports an answer over our own limit with the code that also means an overloaded peer. */
  private static boolean isOverOurLimit(Status status) {
    String description = status.getDescription();
    return description != null && description.contains("message exceeds maximum size");
  }

  private static Failure failure(Failure.Kind kind, String detail) {
    return new Failure(kind, detail);
  }

  /** The kind of exception at the bottom; its text may hold what a remote sent. */
  private static String rootCause(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    // Its message may repeat what was dialled, and that at any length.
    if (root instanceof ConnectException) {
      return ": connection refused";
    }
    if (root instanceof UnknownHostException) {
      return ": no such host";
    }
    boolean tells = !(root instanceof StatusRuntimeException);
    return tells ? ": " + root.getClass().getSimpleName() : "";
  }

  /** Text of a remote, made harmless: at most {@value #MAX_DETAIL} characters, printable ASCII. */
  static String printable(@Nullable String text) {
    StringBuilder printable = new StringBuilder();
    for (char c : (text == null ? "" : text).toCharArray()) {
      boolean plain = c >= ' ' && c <= '~' && c != '\\';
      String next = plain ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c);
      if (printable.length() + next.length() > MAX_DETAIL) {
        break;
      }
      printable.append(next);
    }
    return printable.toString();
  }
}
