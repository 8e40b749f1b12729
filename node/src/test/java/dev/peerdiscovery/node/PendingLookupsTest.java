package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.peerdiscovery.core.engine.Event;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PendingLookupsTest {
  private final TestEngine test = TestEngine.withAContact();
  private final PendingLookups lookups = new PendingLookups();

  private CompletableFuture<Event.LookupEnded> begin(int target) {
    CompletableFuture<Event.LookupEnded> found = new CompletableFuture<>();
    lookups.begin(test.engine(), NodeId.of(target), found, test.now());
    return found;
  }

  private void tell() {
    for (Event event : test.engine().drainEvents()) {
      if (event instanceof Event.LookupEnded ended) {
        lookups.ended(ended);
      }
    }
  }

  private static Refusal.Reason refused(CompletableFuture<Event.LookupEnded> found) {
    CompletionException error = catchThrowableOfType(CompletionException.class, found::join);
    return ((PendingLookups.Refused) error.getCause()).why().reason();
  }

  /** Those under way end with what they have when the engine leaves. */
  @Test
  void aLookup_endsWithItsOwnResult() {
    CompletableFuture<Event.LookupEnded> two = begin(2);
    CompletableFuture<Event.LookupEnded> three = begin(3);
    tell();
    assertThat(two).isNotDone();
    test.engine().leave(test.now());
    tell();
    assertThat(two.join().target()).isEqualTo(NodeId.of(2));
    assertThat(three.join().target()).isEqualTo(NodeId.of(3));
  }

  @Test
  void whatHasNotEnded_failsWhenTheNodeCloses() {
    CompletableFuture<Event.LookupEnded> found = begin(2);
    lookups.failAll();
    assertThat(refused(found)).isEqualTo(Refusal.Reason.NOT_SERVING);
    CompletableFuture<Event.LookupEnded> another = begin(3);
    assertThat(another).isNotDone();
    test.engine().leave(test.now());
    tell();
    assertThat(another).isCompleted();
  }

  @Test
  void tooMany_areRefusedAsTooMany() {
    List<CompletableFuture<Event.LookupEnded>> all = new ArrayList<>();
    while (all.isEmpty() || !all.get(all.size() - 1).isDone()) {
      assertThat(all).as("bounded").hasSizeLessThan(10_000);
      all.add(begin(all.size() + 2));
    }
    assertThat(refused(all.get(all.size() - 1))).isEqualTo(Refusal.Reason.OVERLOADED);
    assertThat(all.get(0)).isNotDone();
  }
}
