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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(AnsweredStreams.class);

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

  /** Tells readers; one that fails is told no more, and keeps no other from being told. */
  void send(List<Streamed> messages, Engine engine) {
    for (Streamed message : messages) {
      Reader reader = readers.get(message.stream());
      if (reader != null) {
        try {
          reader.updated(message.update());
        } catch (RuntimeException | Error e) {
          LOG.error("the reader of stream {} failed, it is told no more", message.stream(), e);
          close(message.stream(), engine);
        }
      }
    }
  }

  void close(StreamId id, Engine engine) {
    readers.remove(id);
    engine.closed(id);
  }

  void endAll(Engine engine) {
    Map<StreamId, Reader> all = Map.copyOf(readers);
    readers.clear();
    all.forEach(
        (id, reader) -> {
          engine.closed(id);
          try {
            reader.ended();
          } catch (RuntimeException | Error e) {
            LOG.error("the reader of stream {} failed when it ended", id, e);
          }
        });
  }
}
