package dev.peerdiscovery.node;

import static dev.peerdiscovery.tests.Interleavings.require;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.tests.Interleavings;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

/** What more than one thread touches in a node: it is as if they took turns. */
@Tag(Interleavings.TAG)
class NodeConcurrencyTest {
  private static final Limits LIMITS =
      Limits.defaults().toBuilder()
          .callsPerSecondPerPeer(3)
          .violations(2)
          .connections(2)
          .connectionsPerAddress(1)
          .remembered(1)
          .build();

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
    private final HalfOpen halfOpen = new HalfOpen(SIXTEEN, new LongAdder());

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
    private final Sources sources = new Sources(LIMITS);
    private final AtomicInteger staying = new AtomicInteger();

    private Optional<Sources.Connection> open(int address) {
      try {
        InetAddress at = InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) address});
        return sources.opened(new InetSocketAddress(at, 1), Optional.empty());
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

  public static class OfCallsInFlight {
    private final CallsInFlight calls =
        new CallsInFlight(Set.of("s/M"), Set.of(), Duration.ofSeconds(5));
    private final AtomicInteger held = new AtomicInteger();

    private ServerStreamTracer begin() {
      return calls.newServerStreamTracer("s/M", new Metadata());
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
      calls.refused("s/M");
    }

    @Operation
    public void refused() {
      ServerStreamTracer call = begin();
      calls.refused("s/M");
      call.streamClosed(Status.CANCELLED);
      calls.refusedEnded("s/M");
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
        new Sources(LIMITS).opened(null, Optional.empty()).orElseThrow();
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
      CallsInFlight counting =
          new CallsInFlight(Set.of(), Set.of("s/Watch"), Duration.ofSeconds(5));
      calls =
          IntStream.range(0, MOST)
              .mapToObj(i -> counting.newServerStreamTracer("s/Watch", new Metadata()))
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

  public static class OfCounters {
    private final Counters counters = new Counters();
    private final AtomicInteger expected = new AtomicInteger();

    @Operation
    public void count() {
      counters.count("a");
      expected.incrementAndGet();
    }

    @Operation
    public void countOften() {
      counters.counter("a").add(2);
      expected.addAndGet(2);
    }

    @Validate
    public void nothingIsLost() {
      long counted = counters.counts().getOrDefault("a", 0L);
      require(counted == expected.get(), counted);
    }
  }

  @Test
  void counters() {
    Interleavings.stress(OfCounters.class);
  }

  /** What requests leave to be told, whether the owner runs it at once, later, or not at all. */
  public static class OfMailbox {
    private final Mailbox mailbox = new Mailbox(2);
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();

    @Operation
    public void put() {
      Mailbox.Put put =
          mailbox.put(
              told::incrementAndGet,
              input -> {
                input.run();
                return true;
              });
      taken.addAndGet(put == Mailbox.Put.TAKEN ? 1 : 0);
    }

    @Operation
    public boolean putToNobody() {
      return mailbox.put(told::incrementAndGet, input -> false) == Mailbox.Put.TAKEN;
    }

    @Operation
    public void putAndLeave() {
      Mailbox.Put put = mailbox.put(() -> {}, input -> true);
      waiting.addAndGet(put == Mailbox.Put.TAKEN ? 1 : 0);
    }

    @Validate
    public void whatIsTakenIsTold_andTheRestWaits() {
      require(told.get() == taken.get(), told.get());
      require(mailbox.waiting() == waiting.get() && waiting.get() <= 2, mailbox.waiting());
    }
  }

  @Test
  void mailbox() {
    Interleavings.check(OfMailbox.class);
  }

  /** Too often is allowed, never is not. */
  @Param(name = "record", gen = IntGen.class, conf = "1:2")
  public static class OfLookedAt {
    private static final List<SignedPeerRecord> RECORDS =
        List.of(record(1), record(2), record(1 + 1024));

    private final LookedAt lookedAt = new LookedAt();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger due = new AtomicInteger();

    private static SignedPeerRecord record(int number) {
      PeerRecord content =
          new PeerRecord(NodeId.of(number), List.of(new Endpoint("10.0.0.1", 1)), 1, "test");
      return new SignedPeerRecord(
          content, Bytes.copyOf(content.id().toBytes()), Bytes.EMPTY, Bytes.EMPTY);
    }

    @Operation
    public void ask(@Param(name = "record") int record) {
      asked.incrementAndGet();
      due.addAndGet(lookedAt.isDue(RECORDS.get(record - 1), 1) ? 1 : 0);
    }

    @Validate
    public void eachIsDueOnce() {
      require(due.get() <= asked.get() && (due.get() > 0 || asked.get() == 0), due.get());
    }
  }

  @Test
  void lookedAt() {
    Interleavings.check(OfLookedAt.class);
  }

  /** A reader that comes and goes while messages are sent by their one owner. */
  public static class OfOutbox {
    private final Outbox.Room room = new Outbox.Room(100, 1000);
    private final Call call = new Call();
    private final Outbox<String> outbox = new Outbox<>(call, room, () -> {});
    private volatile boolean over;

    @Operation(nonParallelGroup = "owner")
    public void send() {
      outbox.send("a message", 10);
    }

    @Operation(nonParallelGroup = "transport")
    public void cancelled() {
      over = true;
      call.onCancel.run();
    }

    @Operation(nonParallelGroup = "transport")
    public void read() {
      call.onReady.run();
    }

    @Validate
    public void ofAStreamThatIsOverNothingWaits() {
      require(!over || room.waiting() == 0, room.waiting());
    }

    /** Never ready: whatever is sent waits. */
    private static final class Call extends ServerCallStreamObserver<String> {
      private Runnable onCancel = () -> {};
      private Runnable onReady = () -> {};

      @Override
      public boolean isCancelled() {
        return false;
      }

      @Override
      public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
      }

      @Override
      public void setOnCloseHandler(Runnable handler) {}

      @Override
      public void setCompression(String compression) {}

      @Override
      public boolean isReady() {
        return false;
      }

      @Override
      public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
      }

      @Override
      public void request(int count) {}

      @Override
      public void setMessageCompression(boolean enable) {}

      @Override
      public void disableAutoInboundFlowControl() {}

      @Override
      public void onNext(String value) {}

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {}
    }
  }

  @Test
  void outbox() {
    Interleavings.check(OfOutbox.class);
  }

  public static class OfProofs {
    private final AtomicInteger signed = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Proofs proofs = new Proofs(new Key(), Runnable::run);

    private record Key() implements MessageSigner {
      @Override
      public Bytes publicKey() {
        return Bytes.EMPTY;
      }

      @Override
      public Bytes sign(Bytes message) {
        return message;
      }
    }

    @Operation
    public void sign() {
      boolean taken =
          proofs.sign("10.0.0.1", Bytes.EMPTY, () -> true, proof -> signed.incrementAndGet());
      accepted.addAndGet(taken ? 1 : 0);
    }

    @Operation
    public void signForNobody() {
      proofs.sign("10.0.0.1", Bytes.EMPTY, () -> false, proof -> signed.incrementAndGet());
    }

    @Validate
    public void eachIsSignedOnce_andNobodyWaits() {
      require(signed.get() == accepted.get(), signed.get());
      require(proofs.callersWaiting() == 0, proofs.callersWaiting());
    }
  }

  @Test
  void proofs() {
    Interleavings.stress(OfProofs.class);
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

    private final StreamLimit limit = new StreamLimit(2, 10);
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
          Attributes.newBuilder()
              .set(
                  Grpc.TRANSPORT_ATTR_REMOTE_ADDR,
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
              .build();

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

  /** No two streams have one name. */
  public static class OfAnsweredStreams {
    private final AnsweredStreams streams = new AnsweredStreams();

    @Operation
    public String next() {
      return streams.next().toString();
    }
  }

  @Test
  void answeredStreams() {
    Interleavings.check(OfAnsweredStreams.class);
  }
}
