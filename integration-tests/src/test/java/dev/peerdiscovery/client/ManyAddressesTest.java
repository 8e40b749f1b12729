package dev.peerdiscovery.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.Scope;
import dev.peerdiscovery.tests.Row;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Names that stand for more addresses than anybody should dial. */
class ManyAddressesTest {
  private static final Endpoint NAME = new Endpoint("many.example", 7400);

  private static InetAddress[] addresses(int count) {
    InetAddress[] addresses = new InetAddress[count];
    try {
      for (int i = 0; i < count; i++) {
        // Every other one is not to be dialled.
        byte[] bytes = {(byte) (i % 2 == 0 ? 10 : 127), 0, (byte) (i >> 8), (byte) i};
        addresses[i] = InetAddress.getByAddress(bytes);
      }
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
    return addresses;
  }

  /** One of them at each try, not always the same, and none that the policy forbids. */
  @Row(56)
  @Test
  void nameOf1000Addresses_isDialledAtOneOfThem() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (Resolver resolver =
        new Resolver(
            AddressPolicy.of(Scope.PRIVATE, false),
            host -> {
              asked.incrementAndGet();
              return addresses(1000);
            })) {
      Set<InetAddress> dialled = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        dialled.add(resolver.resolve(NAME).get(30, TimeUnit.SECONDS));
      }
      assertThat(dialled).hasSizeGreaterThan(1).noneMatch(InetAddress::isLoopbackAddress);
      assertThat(asked).hasValue(50);
    }
  }
}
