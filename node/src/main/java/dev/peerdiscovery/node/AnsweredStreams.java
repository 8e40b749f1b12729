package dev.peerdiscovery.node;

import dev.peerdiscovery.core.engine.Engine;
import dev.peerdiscovery.core.engine.StreamId;
import dev.peerdiscovery.core.engine.Streamed;
import dev.peerdiscovery.core.message.ProvidersUpdate;
import dev.peerdiscovery.core.message.Refusal;
import dev.peerdiscovery.core.message.WatchProvidersRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** The streams that an engine answers, and who reads them. But for ids, its owner's alone. */
final class AnsweredStreams {
  /** Reads a stream. */
  interface Reader {
    /** There is no stream, or no more. */
    void refused(Refusal why);

    void updated(ProvidersUpdate update);

    /** This peer ended it. */
    void ended();
  }

  private final AtomicLong ids = new AtomicLong();
  private final Map<StreamId, Reader> readers = new HashMap<>();

  /** Names a stream; thread-safe. */
  StreamId next() {
    return new StreamId(ids.incrementAndGet());
  }

  void open(
      StreamId id, WatchProvidersRequest request, Reader reader, Engine engine, long nowNanos) {
    Optional<Refusal> refusal = engine.opened(id, request, nowNanos);
    if (refusal.isPresent()) {
      reader.refused(refusal.get());
    } else {
      readers.put(id, reader);
    }
  }

  void send(List<Streamed> messages) {
    for (Streamed message : messages) {
      Reader reader = readers.get(message.stream());
      if (reader != null) {
        reader.updated(message.update());
      }
    }
  }

  void close(StreamId id, Engine engine) {
    readers.remove(id);
    engine.closed(id);
  }

  void endAll(Engine engine) {
    readers.forEach(
        (id, reader) -> {
          engine.closed(id);
          reader.ended();
        });
    readers.clear();
  }
}
