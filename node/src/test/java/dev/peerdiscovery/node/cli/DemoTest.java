package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.peerdiscovery.core.id.IdRange;
import dev.peerdiscovery.core.id.LookupTable;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.message.FindNodeRequest;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The demonstration, with real peers on loopback ports. */
class DemoTest {
  private final Cli cli = new Cli();

  @Test
  void drawsTheTableAndLooksOnePeerUp() {
    assertThat(cli.run("demo", "--peers", "15")).as(cli.err()).isZero();
    assertThat(cli.out())
        .startsWith(LookupTable.of(IdRange.parse("0..16"), IdRange.parse("0..14")).toMarkdown())
        .contains("Equal to the seed's table", "Mirror targets", "hop 0  14 at ", "found 13 at ");
    assertThat(cli.errLines()).contains("peer: peers that have joined: 15 of 15");
  }

  @Test
  void tellsTheSameAsJson() {
    assertThat(cli.run("demo", "--peers", "3", "--json")).as(cli.err()).isZero();
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertThat(json.get("equal").getAsBoolean()).isTrue();
    assertThat(json.getAsJsonArray("differences")).isEmpty();
    assertThat(json.getAsJsonObject("table").getAsJsonArray("entries")).hasSize(6);
    assertThat(json.getAsJsonObject("addresses").keySet()).containsExactly("0", "1", "2");
    assertThat(json.getAsJsonObject("lookup").get("found").getAsBoolean()).isTrue();
  }

  @Test
  void noticesPeersThatLeaveAnOffsetOut() {
    DemoCommand demo =
        new DemoCommand(cli.console(), builder -> builder.channels(DemoTest::withoutOffsetFour));
    assertThat(new CommandLine(demo).execute("--peers", "6")).isEqualTo(1);
    assertThat(cli.out())
        .contains("NOT equal to the seed's table")
        .contains("row 0 column 4: 4 is missing", "row 1 column 5: 4 is missing");
  }

  /** Asks for its nearest neighbours whenever the target is its own id less 4. */
  private static ManagedChannelBuilder<?> withoutOffsetFour(Endpoint endpoint) {
    ClientInterceptor confused =
        new ClientInterceptor() {
          @Override
          public <Q, A> ClientCall<Q, A> interceptCall(
              MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
              @Override
              @SuppressWarnings("unchecked")
              public void sendMessage(Q message) {
                super.sendMessage(
                    message instanceof FindNodeRequest find ? (Q) confused(find) : message);
              }
            };
          }
        };
    return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
        .usePlaintext()
        .intercept(confused);
  }

  private static FindNodeRequest confused(FindNodeRequest request) {
    NodeId caller = request.caller().orElseThrow().id();
    return caller.minus(request.target()).equals(NodeId.of(4))
        ? new FindNodeRequest(request.network(), request.caller(), request.wantedId(), caller)
        : request;
  }
}
