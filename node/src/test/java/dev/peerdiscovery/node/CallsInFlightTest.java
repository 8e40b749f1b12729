package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallsInFlightTest {
  private static final Metadata.Key<String> TIMEOUT =
      Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

  private final CallsInFlight calls =
      new CallsInFlight(Set.of("s/Ping"), Set.of("s/Watch"), Duration.ofSeconds(5));

  @ParameterizedTest
  @CsvSource({
    "5S, 5S",
    "6S, 5000m",
    "5001m, 5000m",
    "100m, 100m",
    "99999999u, 5000m",
    "99999999n, 99999999n",
    "99999999H, 5000m",
    "1M, 5000m",
    "0n, 0n",
    "999999999S, 5000m",
    "+9999999H, 5000m",
    "+1m, 5000m",
    "-1S, 5000m",
    "S, 5000m",
    "5, 5000m",
    "5s, 5000m",
    "'', 5000m",
    "x, 5000m"
  })
  void deadline_isCutToTheLatest_asIsWhatIsNone(String sent, String read) {
    Metadata headers = new Metadata();
    headers.put(TIMEOUT, sent);
    calls.newServerStreamTracer("s/Ping", headers);
    assertThat(headers.getAll(TIMEOUT)).containsExactly(read);
  }

  @Test
  void missingDeadline_isTheLatest() {
    Metadata headers = new Metadata();
    calls.newServerStreamTracer("s/Ping", headers);
    assertThat(headers.get(TIMEOUT)).isEqualTo("5000m");
  }

  @Test
  void callsAreCounted_untilTheyAreOver_andThoseOfOthersNot() {
    ServerStreamTracer one = calls.newServerStreamTracer("s/Ping", new Metadata());
    ServerStreamTracer two = calls.newServerStreamTracer("s/Ping", new Metadata());
    Metadata untouched = new Metadata();
    calls.newServerStreamTracer("s/Watch", untouched).streamClosed(Status.OK);
    assertThat(untouched.get(TIMEOUT)).isNull();
    assertThat(calls.count()).isEqualTo(2);
    one.streamClosed(Status.OK);
    two.streamClosed(Status.CANCELLED);
    assertThat(calls.count()).isZero();
  }

  /** It stays open until its caller ends it, and may not count for all until then. */
  @Test
  void refusedCall_isNotCounted_neitherBeforeNorAfterItsEnd() {
    ServerStreamTracer refused = calls.newServerStreamTracer("s/Ping", new Metadata());
    calls.refused("s/Ping");
    assertThat(calls.count()).isZero();
    calls.newServerStreamTracer("s/Ping", new Metadata());
    refused.streamClosed(Status.CANCELLED);
    calls.refusedEnded("s/Ping");
    assertThat(calls.count()).isEqualTo(1);
    calls.refused("s/Watch");
    assertThat(calls.count()).isEqualTo(1);
  }
}
