package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.Endpoint;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerTargetTest {
  private static PeerTarget parse(String uri, Map<String, String> ambient) {
    return PeerTarget.parse(URI.create(uri), name -> Optional.ofNullable(ambient.get(name)));
  }

  @Test
  void nodesOfTheTarget_thenOfTheProcess() {
    Map<String, String> ambient = Map.of("PEER_NODE", "c:3, d:4", "PEER_PROVIDERS", "7,8");
    PeerTarget bare = parse("peer:///orders", ambient);
    assertThat(bare.service()).isEqualTo("orders");
    assertThat(bare.nodes()).containsExactly(Endpoint.parse("c:3"), Endpoint.parse("d:4"));
    assertThat(bare.providers()).containsExactlyInAnyOrder(NodeId.of(7), NodeId.of(8));
    PeerTarget full = parse("peer://a:1,b:2/orders?namespace=shop&providers=9", ambient);
    assertThat(full.nodes()).containsExactly(Endpoint.parse("a:1"), Endpoint.parse("b:2"));
    assertThat(full.providers()).containsExactly(NodeId.of(9));
    assertThat(full.namespace()).contains("shop");
    assertThat(parse("peer:///orders", Map.of()).nodes()).isEmpty();
    for (String two : new String[] {"peer:///orders?via=a:1,b:2", "peer://a%3A1,b%3A2/orders"}) {
      assertThat(parse(two, ambient).nodes()).isEqualTo(full.nodes());
    }
  }

  @Test
  void noMoreNodesAndProvidersThanAreAllowed() {
    String nodes = "a:1" + ", a:1".repeat(PeerTarget.MAX_NODES - 1);
    assertThat(parse("peer:///orders", Map.of("PEER_NODE", nodes)).nodes())
        .hasSize(PeerTarget.MAX_NODES);
    assertThatThrownBy(() -> parse("peer:///orders", Map.of("PEER_NODE", nodes + ",a:1")))
        .hasMessage("nodes: more than 64");
    String ids =
        IntStream.range(0, PeerTarget.MAX_PROVIDERS)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(","));
    assertThat(parse("peer:///orders", Map.of("PEER_PROVIDERS", ids)).providers())
        .hasSize(PeerTarget.MAX_PROVIDERS);
    assertThatThrownBy(() -> parse("peer:///orders", Map.of("PEER_PROVIDERS", ids + ",5000")))
        .hasMessage("providers: more than 1024");
  }

  @Test
  void ipv6() {
    assertThat(parse("peer://[::1]:7400/orders", Map.of()).nodes())
        .containsExactly(Endpoint.parse("[::1]:7400"));
    assertThat(parse("peer://%5B::1%5D:7400,%5B::2%5D:1/orders", Map.of()).nodes())
        .containsExactly(Endpoint.parse("[::1]:7400"), Endpoint.parse("[::2]:1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          peer:orders                    | must be peer:///SERVICE
          peer:///                       | service: the name must be
          peer:///a/b                    | service: the name must be
          peer://host/orders             | no port
          peer://a:1,/orders             | endpoint: empty
          peer://a:70000/orders          | port: must be
          peer:///orders?colour=red      | parameters are via
          peer://a:1/orders?via=b:2      | parameters are via
          peer:///orders?via=b           | no port
          peer:///orders?namespace=a/b   | namespace: must be
          peer:///orders?providers=x     | id:
          peer:///orders#x               | must be peer:///SERVICE
          """)
  void whatMakesNoSense_isRefused(String uri, String message) {
    assertThatThrownBy(() -> parse(uri, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
