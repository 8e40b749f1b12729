package dev.peerdiscovery.node;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls of strangers that are under way, those of peers all together and all of them for
 * each {@link Sources.Connection}, and sees to it that none of the former stays for long: a
 * deadline that is missing, or later than allowed, becomes the latest one. It does so where gRPC
 * has not yet read the deadline, and so leaves the rest to gRPC: calls that have a deadline as they
 * should cost no timer of ours. Thread-safe.
 */
final class CallsInFlight extends ServerStreamTracer.Factory {
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  /** Does nothing, for the calls of others. */
  private static final ServerStreamTracer UNCOUNTED = new ServerStreamTracer() {};

  private final Set<String> methods;
  private final Set<String> others;
  private final long mostNanos;
  private final String most;
  private final AtomicInteger open = new AtomicInteger();

  /** Those of the open ones that were refused and whose callers have yet to end them. */
  private final AtomicInteger refused = new AtomicInteger();

  /**
   * Counts none yet.
   *
   * @param methods the full names of the methods; none of them may stream
   * @param others whose calls have no latest end, are counted for their connections and do not take
   *     from what is for all
   * @param most the latest deadline
   */
  CallsInFlight(Set<String> methods, Set<String> others, Duration most) {
    this.methods = Set.copyOf(methods);
    this.others = Set.copyOf(others);
    this.mostNanos = most.toNanos();
    this.most = most.toMillis() + "m";
  }

  /**
   * One call of a connection, counted there from when gRPC has found its method until it is over.
   * The two are told by two threads, the end first when the call was over before it began.
   */
  private static class Call extends ServerStreamTracer {
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
      if (of == null) {
        return;
      }
      connection = of;
      of.began();
      if (!STATE.compareAndSet(this, NEW, BEGUN)) {
        of.ended();
      }
    }

    @Override
    public void streamClosed(Status status) {
      if ((int) STATE.getAndSet(this, OVER) == BEGUN) {
        Objects.requireNonNull(connection).ended();
      }
    }
  }

  /** One that is counted with all others, too. */
  private final class CallOfAll extends Call {
    @Override
    public void streamClosed(Status status) {
      super.streamClosed(status);
      open.decrementAndGet();
    }
  }

  /**
   * How many are under way. A call that was refused is not: it stays until its caller ends it, so
   * who is refused all the time would use up what is for all.
   */
  int count() {
    return open.get() - refused.get();
  }

  /** A call that is under way is refused; it is owed one {@link #refusedEnded}. */
  void refused(String fullMethodName) {
    if (methods.contains(fullMethodName)) {
      refused.incrementAndGet();
    }
  }

  /** A call that was refused is over. */
  void refusedEnded(String fullMethodName) {
    if (methods.contains(fullMethodName)) {
      refused.decrementAndGet();
    }
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    if (!methods.contains(fullMethodName)) {
      return others.contains(fullMethodName) ? new Call() : UNCOUNTED;
    }
    open.incrementAndGet();
    if (isLaterThanAllowed(headers.get(TIMEOUT))) {
      headers.removeAll(TIMEOUT);
      headers.put(TIMEOUT, most);
    }
    return new CallOfAll();
  }

  /**
   * Whatever is no timeout is none, and so too late: gRPC reads more than the protocol allows, such
   * as a sign, and of what it cannot read at all it ends the stream without telling a tracer.
   */
  private boolean isLaterThanAllowed(@Nullable String timeout) {
    if (timeout == null) {
      return true;
    }
    int digits = timeout.length() - 1;
    if (digits < 1 || digits > 8) {
      return true;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = timeout.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return true;
      }
      value = 10 * value + digit;
    }
    return nanos(value, timeout.charAt(digits)) > mostNanos;
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
      default -> Long.MAX_VALUE;
    };
  }
}
