package dev.peerdiscovery.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.peerdiscovery.core.record.AddressPolicy;
import dev.peerdiscovery.core.record.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns endpoints into addresses that may be dialled. Literals cost nothing; names are resolved
 * anew at every call of this, off the calling thread, because what stands behind a name changes
 * while a process lives. The policy is asked about what will be dialled, not only about its name.
 */
final class Resolver implements AutoCloseable {
  private static final int MAX_WAITING = 256;

  /** What stands behind a name, in no order. */
  @FunctionalInterface
  interface Names {
    InetAddress[] lookUp(String host) throws UnknownHostException;
  }

  private final AddressPolicy policy;
  private final Names names;
  private final ThreadPoolExecutor threads;

  Resolver(AddressPolicy policy) {
    this(policy, InetAddress::getAllByName);
  }

  Resolver(AddressPolicy policy, Names names) {
    this.policy = policy;
    this.names = names;
    this.threads =
        new ThreadPoolExecutor(
            2,
            2,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("peer-resolver-%d").build());
    threads.allowCoreThreadTimeOut(true);
  }

  /** Why an endpoint cannot be dialled. */
  static final class NotDialled extends Exception {
    private static final long serialVersionUID = 1;

    NotDialled(String message) {
      this(message, null);
    }

    NotDialled(String message, @Nullable Throwable cause) {
      super(message, cause, false, false);
    }
  }

  /** An address to dial; fails with {@link NotDialled} or {@link UnknownHostException}. */
  CompletableFuture<InetAddress> resolve(Endpoint endpoint) {
    return resolveAll(endpoint).thenApply(addresses -> addresses.get(0));
  }

  /**
   * All addresses that may be dialled, at least one, in another order each time, so that one dead
   * address behind a name does not hide the others; fails as {@link #resolve} does.
   */
  CompletableFuture<List<InetAddress>> resolveAll(Endpoint endpoint) {
    if (!policy.allows(endpoint)) {
      return CompletableFuture.failedFuture(notAllowed());
    }
    Optional<InetAddress> literal = endpoint.literal();
    if (literal.isPresent()) {
      return CompletableFuture.completedFuture(List.of(literal.get()));
    }
    CompletableFuture<List<InetAddress>> resolved = new CompletableFuture<>();
    try {
      threads.execute(() -> resolveName(endpoint.host(), resolved));
    } catch (RejectedExecutionException e) {
      resolved.completeExceptionally(new NotDialled("too many names are being resolved"));
    }
    return resolved;
  }

  private void resolveName(String host, CompletableFuture<List<InetAddress>> resolved) {
    try {
      List<InetAddress> allowed = new ArrayList<>();
      for (InetAddress address : names.lookUp(host)) {
        if (policy.allows(address)) {
          allowed.add(address);
        }
      }
      if (allowed.isEmpty()) {
        resolved.completeExceptionally(notAllowed());
      } else {
        Collections.shuffle(allowed, ThreadLocalRandom.current());
        resolved.complete(allowed);
      }
    } catch (UnknownHostException e) {
      resolved.completeExceptionally(e);
    } catch (Throwable thrown) {
      // Of a name service that the host has installed.
      resolved.completeExceptionally(thrown);
      HostCode.passVirtualMachineErrors(thrown);
    }
  }

  private NotDialled notAllowed() {
    return new NotDialled("the address is not allowed in scope " + policy.scope());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
