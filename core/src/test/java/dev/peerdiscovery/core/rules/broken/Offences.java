package dev.peerdiscovery.core.rules.broken;

import java.io.File;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.assertj.core.api.Assertions;

/** One class for each thing that core must not do; the rules are shown to notice every one. */
public final class Offences {
  private Offences() {}

  /** Offends. */
  public static final class ReadsNanoTime {
    long offend() {
      return System.nanoTime();
    }
  }

  /** Offends. */
  public static final class RefersToNanoTime {
    LongSupplier offence = System::nanoTime;
  }

  /** Offends. */
  public static final class RefersToRandom {
    Supplier<Random> offence = Random::new;
  }

  /** Offends. */
  public static final class ReadsMillis {
    long offend() {
      return System.currentTimeMillis();
    }
  }

  /** Offends. */
  public static final class ReadsInstant {
    Instant offend() {
      return Instant.now();
    }
  }

  /** Offends. */
  public static final class ReadsDate {
    LocalDate offend(java.time.ZoneId zone) {
      return LocalDate.now(zone);
    }
  }

  /** Offends. */
  public static final class HoldsClock {
    Clock offence = Clock.systemUTC();
  }

  /** Offends. */
  public static final class ReadsEnvironment {
    String offend() {
      return System.getenv("HOME");
    }
  }

  /** Offends. */
  public static final class StartsThread {
    Thread offend() {
      return new Thread(() -> {});
    }
  }

  /** Offends. */
  public static final class Sleeps {
    void offend() throws InterruptedException {
      Thread.sleep(1);
    }
  }

  /** Offends. */
  public static final class HoldsThreadLocal {
    static final ThreadLocal<String> OFFENCE = new ThreadLocal<>();
  }

  /** Offends. */
  public static final class HoldsTimer {
    Timer offence = new Timer();
  }

  /** Offends. */
  public static final class HoldsExecutor {
    ExecutorService offend(ExecutorService executor) {
      return executor;
    }
  }

  /** Offends. */
  public static final class HoldsLock {
    ReentrantLock offence = new ReentrantLock();
  }

  /** Offends. */
  public static final class HoldsFuture {
    CompletableFuture<String> offence = new CompletableFuture<>();
  }

  /** Offends. */
  public static final class Synchronizes {
    synchronized int offend() {
      return 1;
    }
  }

  /** Offends. */
  public static final class WakesOthers {
    void offend() {
      notifyAll();
    }
  }

  /** Offends. */
  public static final class DrawsFromMath {
    double offend() {
      return Math.random();
    }
  }

  /** Offends. */
  public static final class DrawsUnseeded {
    Random offence = new Random();
  }

  /** Offends. */
  public static final class SplitsUnseeded {
    SplittableRandom offence = new SplittableRandom();
  }

  /** Offends. */
  public static final class DrawsFromThread {
    int offend() {
      return ThreadLocalRandom.current().nextInt();
    }
  }

  /** Offends. */
  public static final class DrawsSecurely {
    SecureRandom offence = new SecureRandom();
  }

  /** Offends. */
  public static final class DrawsDefault {
    RandomGenerator offence = RandomGenerator.getDefault();
  }

  /** Offends. */
  public static final class DrawsUuid {
    UUID offend() {
      return UUID.randomUUID();
    }
  }

  /** Offends. */
  public static final class ShufflesUnseeded {
    void offend(List<String> list) {
      Collections.shuffle(list);
    }
  }

  /** Offends. */
  public static final class CountsInBigIntegers {
    BigInteger offence = BigInteger.ONE;
  }

  /** Offends. */
  public static final class Prints {
    void offend() {
      System.out.println();
    }
  }

  /** Offends. */
  public static final class PrintsErrors {
    void offend() {
      System.err.println();
    }
  }

  /** Offends. */
  public static final class OpensFile {
    File offence = new File("offence");
  }

  /** Offends. */
  public static final class NamesPath {
    Path offend(Path path) {
      return path;
    }
  }

  /** Offends. */
  public static final class NamesSocket {
    InetSocketAddress offence = InetSocketAddress.createUnresolved("localhost", 1);
  }

  /** Offends. */
  public static final class ResolvesName {
    java.net.InetAddress offend() throws java.net.UnknownHostException {
      return java.net.InetAddress.getLocalHost();
    }
  }

  /** Offends. */
  public static final class UsesALibrary {
    void offend(int number) {
      Assertions.assertThat(number).isZero();
    }
  }

  /** Offends. */
  @SuppressWarnings("ArrayRecordComponent")
  public record HoldsArray(String name, byte[] offence) {}
}
