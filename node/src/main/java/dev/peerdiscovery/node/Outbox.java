package dev.peerdiscovery.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sending side of a stream. Its messages come when things happen, whether the caller reads or
 * not; one that does not is dropped before what waits for it is more than a share of the memory.
 * {@link #send}, {@link #end} and {@link #fail} are for one thread at a time, the engine's owner.
 */
final class Outbox<T> {
  /** What may wait for the callers of one kind of stream, in bytes of messages. */
  static final class Room {
    private final long ofOne;
    private final long ofAll;
    private final AtomicLong waiting = new AtomicLong();

    Room(long ofOne, long ofAll) {
      this.ofOne = ofOne;
      this.ofAll = ofAll;
    }

    /** What waits. */
    long waiting() {
      return waiting.get();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private final ServerCallStreamObserver<T> call;
  private final Room room;
  private final Runnable closed;
  private final AtomicLong waiting = new AtomicLong();
  private volatile boolean over;

  /**
   * A stream that has just begun; only while its handler runs.
   *
   * @param closed is run when the call is over, whoever ended it; maybe twice, on any thread
   */
  Outbox(ServerCallStreamObserver<T> call, Room room, Runnable closed) {
    this.call = call;
    this.room = room;
    this.closed = closed;
    Runnable atEnd =
        () -> {
          over = true;
          read();
          closed.run();
        };
    call.setOnReadyHandler(this::read);
    call.setOnCancelHandler(atEnd);
    call.setOnCloseHandler(atEnd);
  }

  /** Nothing waits any more. */
  private void read() {
    room.waiting.addAndGet(-waiting.getAndSet(0));
  }

  /** Sends a message; false when too much waits already, and then it is not sent. */
  boolean send(T message, long bytes) {
    if (over) {
      return true;
    }
    if (call.isReady()) {
      read();
    } else {
      long own = waiting.addAndGet(bytes);
      if (room.waiting.addAndGet(bytes) > room.ofAll || own > room.ofOne) {
        return false;
      }
      if (over) {
        // It ended meanwhile, and nobody else comes to take this off again.
        read();
        return true;
      }
    }
    try {
      call.onNext(message);
    } catch (RuntimeException | Error e) {
      // An interceptor of the host, for example. The stream cannot go on: a message is missing.
      LOG.warn("a message of a stream cannot be sent, the stream ends", e);
      fail(Status.INTERNAL.withDescription("a message could not be sent").asRuntimeException());
    }
    return true;
  }

  void end() {
    if (!over) {
      over = true;
      last(call::onCompleted);
    }
  }

  /** A caller that does not read does not hear of it, and is not waited for. */
  void fail(Throwable error) {
    if (!over) {
      over = true;
      last(() -> call.onError(error));
      closed.run();
    }
  }

  /** A call that ended by itself, or whose interceptors fail, is over all the same. */
  private void last(Runnable word) {
    try {
      word.run();
    } catch (RuntimeException | Error e) {
      LOG.debug("the end of a stream cannot be sent", e);
      read();
    }
  }
}
