package dev.peerdiscovery.node;

import static dev.peerdiscovery.tests.Interleavings.require;

import dev.peerdiscovery.proto.peer.v1.PeerServiceGrpc;
import dev.peerdiscovery.tests.Interleavings;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What more than one thread touches when calls and connections are let in: as if they took turns.
 */
@Tag(Interleavings.TAG)
class AdmissionConcurrencyTest {
  private static final Limits LIMITS =
      Limits.defaults().toBuilder()
          .callsPerSecondPerPeer(3)
          .violations(2)
          .connections(2)
          .connectionsPerAddress(1)
          .remembered(1)
          .build();
  private static final CallKinds KINDS =
      CallKinds.ofOwnServer(PeerServiceGrpc.getServiceDescriptor());
  private static final String PING = PeerServiceGrpc.getPingMethod().getFullMethodName();
  private static final String WATCH = PeerServiceGrpc.getWatchProvidersMethod().getFullMethodName();

  /** Never more calls than there are, and none too few. */
  @Param(name = "halfSeconds", gen = IntGen.class, conf = "0:2")
  public static class OfBudget {
    private final Budget budget = new Budget(3);

    @Operation
    public boolean take(@Param(name = "halfSeconds") int halfSeconds) {
      return budget.take(halfSeconds * 500_000_000L);
    }
  }

  @Test
  void budget() {
    Interleavings.check(OfBudget.class);
  }

  /** Whoever took a place and has not given it back is counted, and nobody else. */
  public static class OfPlaces {
    private final Places places = new Places(2);
    private final AtomicInteger held = new AtomicInteger();

    @Operation
    public void hold() {
      places.take();
      held.incrementAndGet();
    }

    @Operation
    public void visit() {
      places.take();
      places.giveBack();
    }

    @Validate
    public void thoseWhoHoldOneAreCounted() {
      require(places.taken() == held.get(), places.taken());
      require(places.isOver() == held.get() > 2, places.taken());
    }
  }

  @Test
  void places() {
    Interleavings.stress(OfPlaces.class);
  }

  /** However they come and go, no more wait than may, and each is closed once or its caller's. */
  @Param(name = "port", gen = IntGen.class, conf = "1:2")
  public static class OfHalfOpen {
    private static final int MOST = 16;
    private static final Limits SIXTEEN = Limits.defaults().toBuilder().halfOpen(MOST).build();

    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger came = new AtomicInteger();
    private final HalfOpen halfOpen = new HalfOpen(SIXTEEN, ThisMachine.LOOPBACK, new LongAdder());

    public OfHalfOpen() {
      for (int i = 1; i < MOST; i++) {
        come(100 + i);
      }
    }

    private void come(int port) {
      InetAddress here = InetAddress.getLoopbackAddress();
      halfOpen.accepted(new InetSocketAddress(here, port), closed::incrementAndGet);
    }

    @Operation
    public void come() {
      come(1000 + came.incrementAndGet());
    }

    @Operation
    public void comeAndGo(@Param(name = "port") int port) {
      come(port);
      halfOpen.ended(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    @Validate
    public void noMoreWaitThanMay() {
      require(halfOpen.count() <= MOST && halfOpen.addresses() == 1, halfOpen.count());
      require(closed.get() >= came.get() - 1, closed.get());
    }
  }

  @Test
  void halfOpen() {
    Interleavings.stress(OfHalfOpen.class);
  }

  public static class OfSource {
    private final Source source = new Source(LIMITS);

    @Operation
    public boolean violated() {
      return source.violated(1);
    }

    @Operation
    public boolean isQuarantined() {
      return source.isQuarantined(2);
    }

    @Operation
    public boolean take() {
      return source.share().rate().take(1);
    }
  }

  @Test
  void source() {
    Interleavings.check(OfSource.class);
  }

  /** However connections come and go, in the end those are counted that are there. */
  @Param(name = "address", gen = IntGen.class, conf = "1:2")
  public static class OfSources {
    private final Sources sources = new Sources(LIMITS, ThisMachine.LOOPBACK, false);
    private final AtomicInteger staying = new AtomicInteger();

    private Optional<Sources.Connection> open(int address) {
      try {
        InetAddress at = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) address});
        return sources.opened(new InetSocketAddress(at, 1), Optional.empty(), Optional.empty());
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }

    @Operation
    public void visit(@Param(name = "address") int address) {
      open(address).ifPresent(sources::closed);
    }

    @Operation
    public void stay(@Param(name = "address") int address) {
      open(address).ifPresent(connection -> staying.incrementAndGet());
    }

    /** Its call comes at any time, before its end and after it. */
    @Operation
    public void callAndVisit(@Param(name = "address") int address) {
      open(address)
          .ifPresent(
              connection -> {
                connection.mayCall();
                sources.closed(connection);
                connection.mayCall();
              });
    }

    @Validate
    public void allAreCounted() {
      require(sources.open() == staying.get() && staying.get() <= 4, sources.open());
      require(sources.known() <= 3, sources.known());
    }
  }

  @Test
  void sources() {
    Interleavings.stress(OfSources.class);
  }

  /** However many are told at once, the connection is cut off, and that once. */
  public static class OfResets {
    private final AtomicInteger cutOff = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final Resets resets = new Resets(2, cutOff::incrementAndGet);

    @Operation
    public void add() {
      resets.add(1);
      told.incrementAndGet();
    }

    @Validate
    public void oneTooManyCutsItOff() {
      require(cutOff.get() == (told.get() > 2 ? 1 : 0), cutOff.get());
    }
  }

  @Test
  void resets() {
    Interleavings.stress(OfResets.class);
  }

  public static class OfCallsInFlight {
    private final CallsInFlight calls =
        new CallsInFlight(KINDS, Duration.ofSeconds(5), new Clock());
    private final AtomicInteger held = new AtomicInteger();

    private ServerStreamTracer begin() {
      return calls.newServerStreamTracer(PING, new Metadata());
    }

    @Operation
    public void answered() {
      begin().streamClosed(Status.OK);
    }

    @Operation
    public void held() {
      begin();
      held.incrementAndGet();
    }

    @Operation
    public void refusedAndHeld() {
      begin();
      calls.refused(CallKinds.Kind.PEER);
    }

    @Operation
    public void refused() {
      ServerStreamTracer call = begin();
      calls.refused(CallKinds.Kind.PEER);
      call.streamClosed(Status.CANCELLED);
      calls.refusedEnded(CallKinds.Kind.PEER);
    }

    @Validate
    public void thoseThatWereLetInAreCounted() {
      require(calls.count() == held.get(), calls.count());
    }
  }

  @Test
  void callsInFlight() {
    Interleavings.stress(OfCallsInFlight.class);
  }

  /** Whether a call's begin or its end is told first, its connection has it while it is open. */
  public static class OfBeginAndEnd {
    private static final int MOST = 100;

    private final Sources.Connection connection =
        new Sources(LIMITS, ThisMachine.LOOPBACK, false)
            .opened(null, Optional.empty(), Optional.empty())
            .orElseThrow();
    private final ServerStreamTracer.ServerCallInfo<Object, Object> info =
        new ServerStreamTracer.ServerCallInfo<>() {
          @Override
          public @Nullable MethodDescriptor<Object, Object> getMethodDescriptor() {
            return null;
          }

          @Override
          public Attributes getAttributes() {
            return connection.in(Attributes.EMPTY);
          }

          @Override
          public @Nullable String getAuthority() {
            return null;
          }
        };
    private final List<ServerStreamTracer> calls;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    public OfBeginAndEnd() {
      CallsInFlight counting = new CallsInFlight(KINDS, Duration.ofSeconds(5), new Clock());
      calls =
          IntStream.range(0, MOST)
              .mapToObj(i -> counting.newServerStreamTracer(WATCH, new Metadata()))
              .toList();
    }

    @Operation
    public void begin() {
      calls.get(begun.getAndIncrement()).serverCallStarted(info);
    }

    @Operation
    public void end() {
      calls.get(ended.getAndIncrement()).streamClosed(Status.OK);
    }

    @Validate
    public void thoseThatAreOpenAreCounted() {
      int taken = connection.source().share().open().taken();
      require(taken == Math.max(0, begun.get() - ended.get()), taken);
    }
  }

  @Test
  void beginAndEndOfCalls() {
    Interleavings.stress(OfBeginAndEnd.class);
  }

  /** Streams of one connection, of which two may be open. */
  public static class OfStreamLimit {
    private static final MethodDescriptor<String, String> METHOD =
        MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName("s/Watch")
            .setRequestMarshaller(new Never())
            .setResponseMarshaller(new Never())
            .build();

    private final StreamLimit limit = StreamLimit.ofApplications(2);
    private final AtomicInteger open = new AtomicInteger();

    private Optional<ServerCall.Listener<String>> begin() {
      Stream call = new Stream();
      boolean[] started = {false};
      ServerCall.Listener<String> listener =
          limit.interceptCall(
              call,
              new Metadata(),
              (accepted, headers) -> {
                started[0] = true;
                return new ServerCall.Listener<>() {};
              });
      return started[0] ? Optional.of(listener) : Optional.empty();
    }

    @Operation
    public void shortStream() {
      begin().ifPresent(ServerCall.Listener::onComplete);
    }

    @Operation
    public void cancelledStream() {
      begin().ifPresent(ServerCall.Listener::onCancel);
    }

    @Operation
    public void longStream() {
      begin().ifPresent(listener -> open.incrementAndGet());
    }

    @Validate
    public void thoseThatAreOpenAreCounted() {
      require(limit.open() == open.get() && open.get() <= 2, limit.open());
    }

    private static final class Never implements MethodDescriptor.Marshaller<String> {
      @Override
      public InputStream stream(String value) {
        throw new AssertionError();
      }

      @Override
      public String parse(InputStream stream) {
        throw new AssertionError();
      }
    }

    private static final class Stream extends ServerCall<String, String> {
      private static final Attributes FROM =
          new Sources(LIMITS, ThisMachine.LOOPBACK, false)
              .opened(null, Optional.empty(), Optional.empty())
              .orElseThrow()
              .in(Attributes.EMPTY);

      @Override
      public Attributes getAttributes() {
        return FROM;
      }

      @Override
      public void request(int count) {}

      @Override
      public void sendHeaders(Metadata headers) {}

      @Override
      public void sendMessage(String message) {}

      @Override
      public void close(Status status, Metadata trailers) {}

      @Override
      public boolean isCancelled() {
        return false;
      }

      @Override
      public MethodDescriptor<String, String> getMethodDescriptor() {
        return METHOD;
      }
    }
  }

  @Test
  void streamLimit() {
    Interleavings.stress(OfStreamLimit.class);
  }
}
