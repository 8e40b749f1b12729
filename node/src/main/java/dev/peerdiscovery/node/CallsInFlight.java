package dev.peerdiscovery.node;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls that are under way, those of peers and those of applications apart, and those of
 * each {@link Sources.Connection}, and sees to it that none of a peer stays for long: a deadline
 * that is missing, or later than allowed, becomes the latest one. It does so where gRPC has not yet
 * read the deadline, and so leaves the rest to gRPC: calls that have a deadline as they should cost
 * no timer of ours. Thread-safe.
 *
 * <p>It sees each call first. So it also takes out of a call's metadata what would have gRPC end
 * the call by itself, before {@link Admission} is asked: a deadline that is none, and the name of a
 * compression.
 */
final class CallsInFlight extends ServerStreamTracer.Factory {
  /**
   * Says in the metadata of a call that its messages are compressed, in place of gRPC's own word. A
   * caller that says so itself is refused, which is its own loss.
   */
  static final Metadata.Key<String> COMPRESSED =
      Metadata.Key.of("peer-compressed", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
  private static final String NOT_COMPRESSED = "identity";
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  private static final long NO_TIMEOUT = -1;

  /** Does nothing, for the calls of a host. */
  private static final ServerStreamTracer UNCOUNTED = new ServerStreamTracer() {};

  private final CallKinds kinds;
  private final long mostNanos;
  private final String most;
  private final Clock clock;
  private final Tally ofPeers = new Tally();
  private final Tally ofApplications = new Tally();

  /**
   * Counts none yet.
   *
   * @param kinds what the server's methods are for
   * @param most the latest deadline of a call of a peer
   */
  CallsInFlight(CallKinds kinds, Duration most, Clock clock) {
    this.kinds = kinds;
    this.mostNanos = most.toNanos();
    this.most = most.toMillis() + "m";
    this.clock = clock;
  }

  /** Calls of one sort. */
  private static final class Tally {
    final AtomicInteger open = new AtomicInteger();

    /** Those of the open ones that were refused and whose callers have yet to end them. */
    final AtomicInteger refused = new AtomicInteger();

    /**
     * How many are under way. A call that was refused is not: it stays until its caller ends it, so
     * a caller that is refused all the time would use up what is for all.
     */
    int count() {
      return open.get() - refused.get();
    }
  }

  /**
   * One call, counted for its connection from when gRPC has found its method until it is over. The
   * two are told by two threads, the end first when the call was over before it began.
   */
  private class Call extends ServerStreamTracer {
    private static final VarHandle STATE;

    static {
      try {
        STATE = MethodHandles.lookup().findVarHandle(Call.class, "state", int.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private static final int NEW = 0;
    private static final int BEGUN = 1;
    private static final int OVER = 2;

    private Sources.@Nullable Connection connection;

    @SuppressWarnings("unused") // by STATE
    private volatile int state;

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
      Sources.@Nullable Connection of = Sources.Connection.of(call.getAttributes());
      if (of == null || !countsFor(of)) {
        return;
      }
      connection = of;
      of.began();
      if (!STATE.compareAndSet(this, NEW, BEGUN)) {
        of.ended();
      }
    }

    /** Whether it takes from what its caller may have open. */
    boolean countsFor(Sources.Connection of) {
      return true;
    }

    @Override
    public void streamClosed(Status status) {
      if ((int) STATE.getAndSet(this, OVER) == BEGUN) {
        Sources.Connection of = Objects.requireNonNull(connection);
        of.ended();
        if (status.getCode() == Status.Code.CANCELLED) {
          of.reset(clock.nowNanos());
        }
      }
    }
  }

  /** One that is counted with others of its sort, too. */
  private class CallOfAll extends Call {
    private final Tally tally;

    CallOfAll(Tally tally) {
      this.tally = tally;
      tally.open.incrementAndGet();
    }

    @Override
    public void streamClosed(Status status) {
      super.streamClosed(status);
      tally.open.decrementAndGet();
    }
  }

  /** An application's own streams do not keep it from asking as a peer, or after health. */
  private final class CallOfApplication extends CallOfAll {
    CallOfApplication() {
      super(ofApplications);
    }

    @Override
    boolean countsFor(Sources.Connection of) {
      return !of.isOfApplication();
    }
  }

  /** How many calls of peers are under way, streams excepted, refused ones excepted. */
  int count() {
    return ofPeers.count();
  }

  /** How many calls of applications are under way, streams among them, refused ones excepted. */
  int applications() {
    return ofApplications.count();
  }

  /** A call that is under way is refused; it is owed one {@link #refusedEnded}. */
  void refused(CallKinds.Kind kind) {
    @Nullable Tally tally = tally(kind);
    if (tally != null) {
      tally.refused.incrementAndGet();
    }
  }

  /** A call that was refused is over. */
  void refusedEnded(CallKinds.Kind kind) {
    @Nullable Tally tally = tally(kind);
    if (tally != null) {
      tally.refused.decrementAndGet();
    }
  }

  private @Nullable Tally tally(CallKinds.Kind kind) {
    return switch (kind) {
      case PEER, UNKNOWN -> ofPeers;
      case APPLICATION -> ofApplications;
      case PEER_STREAM, HEALTH, OF_HOST -> null;
    };
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    CallKinds.Kind kind = kinds.of(fullMethodName);
    if (kind == CallKinds.Kind.OF_HOST) {
      return UNCOUNTED;
    }
    limitTimeout(headers, tally(kind) == ofPeers);
    if (kinds.isOwnServer()) {
      renameEncoding(headers);
    }
    @Nullable Tally tally = tally(kind);
    if (tally == null) {
      return new Call();
    }
    return tally == ofApplications ? new CallOfApplication() : new CallOfAll(tally);
  }

  /**
   * Has gRPC read a timeout that it can read, and of a call that is over soon one that is allowed.
   */
  private void limitTimeout(Metadata headers, boolean isOverSoon) {
    @Nullable String timeout = headers.get(TIMEOUT);
    if (timeout == null && !isOverSoon) {
      return;
    }
    long nanos = timeout == null ? NO_TIMEOUT : nanos(timeout);
    if (isOverSoon && (nanos == NO_TIMEOUT || nanos > mostNanos)) {
      headers.removeAll(TIMEOUT);
      headers.put(TIMEOUT, most);
    } else if (nanos == NO_TIMEOUT) {
      headers.removeAll(TIMEOUT);
    }
  }

  private static void renameEncoding(Metadata headers) {
    @Nullable String encoding = headers.get(ENCODING);
    if (encoding != null && !encoding.equals(NOT_COMPRESSED)) {
      headers.removeAll(ENCODING);
      headers.put(COMPRESSED, "");
    }
  }

  /**
   * What a timeout comes to; {@link #NO_TIMEOUT} of what is none. gRPC reads more than the protocol
   * allows, such as a sign, and of what it cannot read at all it ends the stream without telling a
   * tracer.
   */
  private static long nanos(String timeout) {
    int digits = timeout.length() - 1;
    if (digits < 1 || digits > 8) {
      return NO_TIMEOUT;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = timeout.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_TIMEOUT;
      }
      value = 10 * value + digit;
    }
    return nanos(value, timeout.charAt(digits));
  }

  /**
   * The units of the gRPC protocol; eight digits of any of them fit, and no other is short enough.
   */
  private static long nanos(long value, char unit) {
    return switch (unit) {
      case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
      case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
      case 'S' -> TimeUnit.SECONDS.toNanos(value);
      case 'M' -> TimeUnit.MINUTES.toNanos(value);
      case 'H' -> TimeUnit.HOURS.toNanos(value);
      case 'n' -> value;
      default -> NO_TIMEOUT;
    };
  }
}
