package dev.peerdiscovery.node;

import static dev.peerdiscovery.tests.Interleavings.require;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Bytes;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.MessageSigner;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.core.record.SignedPeerRecord;
import dev.peerdiscovery.tests.Interleavings;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What more than one thread touches behind that: as if they took turns. */
@Tag(Interleavings.TAG)
class NodeConcurrencyTest {
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
          proofs
              .sign("10.0.0.1", Bytes.EMPTY, () -> true, proof -> signed.incrementAndGet())
              .isEmpty();
      accepted.addAndGet(taken ? 1 : 0);
    }

    @Operation
    public void signForNobody() {
      var unused =
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

  /** With one place: what comes when it is taken runs when it is free. */
  public static class OfCallbacks {
    private final Callbacks callbacks = new Callbacks(Runnable::run, 1);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger ran = new AtomicInteger();

    @Operation
    public void run() {
      asked.incrementAndGet();
      callbacks.run(ran::incrementAndGet);
    }

    @Operation
    public void runFailing() {
      asked.incrementAndGet();
      callbacks.run(
          () -> {
            ran.incrementAndGet();
            throw new IllegalStateException("on purpose");
          });
    }

    @Validate
    public void allRan_andThePlaceIsFree() {
      require(ran.get() == asked.get(), ran.get());
      require(callbacks.running() == 0, callbacks.running());
    }
  }

  @Test
  void callbacks() {
    Interleavings.stress(OfCallbacks.class);
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
