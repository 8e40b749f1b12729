package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A service without an instance is the same for every channel, before the first instance and after
 * the last: over the product of load balancing policies, service configs, whether the channel looks
 * service configs up, and whether a call waits for ready. All channels go through one life of the
 * service together.
 */
class EmptyServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** A call that fails at once takes this long at most, with the retries of a config. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  private static final CallOptions WAITING = CallOptions.DEFAULT.withWaitForReady();

  private static final Map<String, Map<String, ?>> POLICIES =
      Map.of(
          "pick_first",
          Map.of(),
          "round_robin",
          Map.of(),
          "outlier_detection_experimental",
          Map.of("childPolicy", List.of(Map.of("round_robin", Map.of()))),
          FirstAlone.NAME,
          Map.of());

  private static final Map<String, Object> WHO = Map.of("service", "test.Echo", "method", "Who");

  /** What a channel's default service config says of the method, beside the policy. */
  private enum Config {
    NONE,
    RETRIES,
    WAITS
  }

  private static Map<String, ?> method(Config config) {
    return config == Config.WAITS
        ? Map.of("name", List.of(WHO), "waitForReady", true)
        : Map.of(
            "name",
            List.of(WHO),
            "retryPolicy",
            Map.of(
                "maxAttempts",
                3.0,
                "initialBackoff",
                "0.01s",
                "maxBackoff",
                "0.01s",
                "backoffMultiplier",
                1.0,
                "retryableStatusCodes",
                List.of("UNAVAILABLE")));
  }

  private record Case(String policy, Config config, boolean looksUp, ManagedChannel channel) {
    static Case of(String target, String policy, Config config, boolean looksUp) {
      NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target).usePlaintext();
      Map<String, Object> service = new HashMap<>();
      service.put("loadBalancingConfig", List.of(Map.of(policy, POLICIES.get(policy))));
      if (config != Config.NONE) {
        service.put("methodConfig", List.of(method(config)));
      }
      if (config == Config.NONE && POLICIES.get(policy).isEmpty()) {
        builder.defaultLoadBalancingPolicy(policy);
      } else {
        builder.defaultServiceConfig(service);
      }
      if (!looksUp) {
        builder.disableServiceConfigLookUp();
      }
      return new Case(policy, config, looksUp, builder.build());
    }

    @Override
    public String toString() {
      return policy + " " + config + (looksUp ? " looks up" : "");
    }
  }

  /**
   * A policy as an application may have: one connection, to the first address. It knows nothing of
   * refreshes, and stays with what it has when there is an error or an empty list.
   */
  private static final class FirstAlone extends LoadBalancer {
    static final String NAME = "test_first_alone";

    private final Helper helper;
    private Optional<Subchannel> only = Optional.empty();

    FirstAlone(Helper helper) {
      this.helper = helper;
    }

    static final class Provider extends LoadBalancerProvider {
      @Override
      public boolean isAvailable() {
        return true;
      }

      @Override
      public int getPriority() {
        return 5;
      }

      @Override
      public String getPolicyName() {
        return NAME;
      }

      @Override
      public LoadBalancer newLoadBalancer(Helper helper) {
        return new FirstAlone(helper);
      }
    }

    @Override
    public Status acceptResolvedAddresses(ResolvedAddresses addresses) {
      if (addresses.getAddresses().isEmpty()) {
        return Status.UNAVAILABLE;
      }
      only.ifPresent(Subchannel::shutdown);
      Subchannel next =
          helper.createSubchannel(
              CreateSubchannelArgs.newBuilder().setAddresses(addresses.getAddresses()).build());
      only = Optional.of(next);
      next.start(state -> changed(next, state));
      next.requestConnection();
      return Status.OK;
    }

    private void changed(Subchannel of, ConnectivityStateInfo state) {
      if (only.isEmpty() || only.get() != of || state.getState() == ConnectivityState.SHUTDOWN) {
        return;
      }
      if (state.getState() == ConnectivityState.IDLE) {
        of.requestConnection();
      }
      PickResult picked =
          switch (state.getState()) {
            case READY -> PickResult.withSubchannel(of);
            case TRANSIENT_FAILURE -> PickResult.withError(state.getStatus());
            default -> PickResult.withNoResult();
          };
      helper.updateBalancingState(state.getState(), new FixedResultPicker(picked));
    }

    @Override
    public void handleNameResolutionError(Status error) {
      if (only.isEmpty()) {
        helper.updateBalancingState(
            ConnectivityState.TRANSIENT_FAILURE,
            new FixedResultPicker(PickResult.withError(error)));
      }
    }

    @Override
    public void shutdown() {
      only.ifPresent(Subchannel::shutdown);
    }
  }

  private final StandInNetwork network = new StandInNetwork();
  private final FirstAlone.Provider firstAlone = new FirstAlone.Provider();
  private final List<Case> cases = new ArrayList<>();

  @BeforeEach
  void openAll() throws IOException {
    LoadBalancerRegistry.getDefaultRegistry().register(firstAlone);
    String target = "peer://" + network.listen(1, 0).endpoint + "/orders";
    for (String policy : POLICIES.keySet()) {
      for (Config config : Config.values()) {
        for (boolean looksUp : new boolean[] {true, false}) {
          cases.add(Case.of(target, policy, config, looksUp));
        }
      }
    }
  }

  @AfterEach
  void close() {
    cases.forEach(each -> each.channel().shutdownNow());
    network.close();
    LoadBalancerRegistry.getDefaultRegistry().deregister(firstAlone);
  }

  @Test
  void aServiceWithoutAnInstance_isTheSameForEveryChannel_beforeAndAfter() throws Exception {
    assertThat(cases).hasSize(24);
    try (Echo echo = new Echo()) {
      List<ListenableFuture<String>> waiting = whileThereIsNone();
      network.put("orders", echo.endpoint.toString(), 7);
      allAnswer(waiting, echo);
      whileThereIsOne(echo);

      network.remove("orders", echo.endpoint.toString(), 7);
      for (Case each : cases) {
        await(each.toString())
            .atMost(PATIENCE)
            .until(() -> each.channel().getState(false) == ConnectivityState.TRANSIENT_FAILURE);
      }
      int called = echo.calls.get();
      waiting = whileThereIsNone();
      assertThat(echo.calls).as("an instance that is gone is not called").hasValue(called);

      network.put("orders", echo.endpoint.toString(), 7);
      // At once, although connections to nowhere have failed and back off.
      long since = System.nanoTime();
      allAnswer(waiting, echo);
      assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(PATIENCE.dividedBy(2));
      whileThereIsOne(echo);
    }
  }

  private static boolean fails(Case each) {
    try {
      Echo.who(each.channel());
      return false;
    } catch (StatusRuntimeException e) {
      return true;
    }
  }

  /** Fails the calls that are to fail; returns those that wait. */
  private List<ListenableFuture<String>> whileThereIsNone() {
    List<ListenableFuture<String>> waiting = new ArrayList<>();
    for (Case each : cases) {
      waiting.add(Echo.whoAsync(each.channel(), WAITING));
      if (each.config() == Config.WAITS) {
        waiting.add(Echo.whoAsync(each.channel(), CallOptions.DEFAULT));
        continue;
      }
      long since = System.nanoTime();
      StatusRuntimeException failed =
          catchThrowableOfType(StatusRuntimeException.class, () -> Echo.who(each.channel()));
      assertThat(failed).as("%s", each).isNotNull();
      assertThat(failed.getStatus().getCode()).as("%s", each).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(said(failed)).as("%s", each).contains("service orders");
      assertThat(Duration.ofNanos(System.nanoTime() - since)).as("%s", each).isLessThan(AT_ONCE);
    }
    assertThat(waiting).noneMatch(ListenableFuture::isDone);
    return waiting;
  }

  /** A policy that says what its connection said names the service in the cause. */
  private static String said(Throwable failed) {
    StringBuilder said = new StringBuilder();
    for (Throwable each = failed; each != null; each = each.getCause()) {
      said.append(each.getMessage()).append('\n');
    }
    return said.toString();
  }

  private static void allAnswer(List<ListenableFuture<String>> waiting, Echo echo)
      throws Exception {
    for (ListenableFuture<String> call : waiting) {
      assertThat(call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .startsWith(echo.endpoint.toString());
    }
  }

  private void whileThereIsOne(Echo echo) {
    for (Case each : cases) {
      for (CallOptions options : List.of(CallOptions.DEFAULT, WAITING)) {
        assertThat(Echo.who(each.channel(), options)).as("%s", each).startsWith("" + echo.endpoint);
      }
      // Retries are the channel's own config, and stay so.
      echo.failing.set(2);
      if (each.config() == Config.RETRIES) {
        assertThat(Echo.who(each.channel())).as("%s", each).startsWith("" + echo.endpoint);
      } else {
        assertThat(fails(each)).as("%s", each).isTrue();
      }
      echo.failing.set(0);
    }
  }
}
