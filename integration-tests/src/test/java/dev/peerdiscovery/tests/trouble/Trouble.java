package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A small network with applications, and trouble of all kinds drawn from a seed: phases in which
 * everything that can go wrong does, and calms in which all has to be right again. What has to hold
 * is looked at all the time; what is broken is said at once, with when and where. Threads decide
 * the order of what the seed draws, so that the same seed makes trouble of the same kind.
 */
public final class Trouble implements AutoCloseable {
  private static final Duration LOST = Duration.ofSeconds(30);

  /** A TTL, a grace of the same length, and what a node takes to start and to find out. */
  private static final Duration GONE = Duration.ofSeconds(35);

  private static final Duration SETTLED = GONE.plusSeconds(10);
  private static final List<String> SERVICES = List.of("orders", "billing", "stock");
  private static final int STEADY = 3;
  private static final int APPLICATIONS = 5;
  private static final int ACTS_AT_ONCE = 32;
  private static final int MEAN_PAUSE_MILLIS = 130;
  private static final int MEAN_NODE_PAUSE_MILLIS = 3_000;
  private static final long TROUBLE_NANOS = TimeUnit.SECONDS.toNanos(40);
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Consumer<String> out;
  private final SplittableRandom random;
  private final RunningTime time = new RunningTime(System::nanoTime);
  private final Violations violations;
  private final Ledger ledger;
  private final Patience patience;
  private final Vitals vitals = new Vitals();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(2);
  private final ScheduledThreadPoolExecutor looking = new ScheduledThreadPoolExecutor(1);
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Semaphore permits = new Semaphore(ACTS_AT_ONCE);
  private final Surroundings around;
  private final Nodes nodes;
  private final List<Application> steady = new ArrayList<>();
  private final List<Application> applications = new CopyOnWriteArrayList<>();
  private final List<Lookout> lookouts = new CopyOnWriteArrayList<>();
  private final AtomicInteger acts = new AtomicInteger();
  private final AtomicInteger nodeActs = new AtomicInteger();
  private final AtomicInteger clients = new AtomicInteger();
  private long saidNanos = System.nanoTime();

  private Trouble(long seed, Path directory, Consumer<String> out) throws Exception {
    this.out = out;
    this.random = new SplittableRandom(seed);
    this.violations = new Violations(what -> out.accept(at() + what));
    this.ledger = new Ledger(time, violations, LOST, GONE);
    this.patience = new Patience(time, violations);
    this.around = new Surroundings(ledger, patience, violations, time, timer, this::door);
    this.nodes = new Nodes(around, directory, loop, random.split());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Makes trouble for so long.
   *
   * @param directory where nodes keep what they keep
   * @param out takes lines
   * @return the invariants that were broken, by kind, with how often
   */
  public static Map<String, Integer> run(
      Duration duration, long seed, Path directory, Consumer<String> out) throws Exception {
    out.accept("seed " + seed + ", " + duration.toSeconds() + " s");
    try (Trouble trouble = new Trouble(seed, directory, out)) {
      trouble.begin();
      trouble.run(duration);
      trouble.report();
      return trouble.violations.counts();
    }
  }

  private String at() {
    long seconds = time.nanos() / 1_000_000_000;
    return "%d:%02d:%02d ".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  private Door door() {
    try {
      return new Door(loop);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void begin() throws Exception {
    looking.scheduleWithFixedDelay(this::look, 250, 250, TimeUnit.MILLISECONDS);
    nodes.start();
    nodes.members().forEach(member -> lookouts.add(new Lookout(member, SERVICES)));
    for (int i = 0; i < STEADY; i++) {
      List<Endpoint> direct = nodes.three(2 * i).stream().map(Member::endpoint).toList();
      Application application = application("steady-" + i, direct);
      steady.add(application);
      SERVICES.forEach(service -> application.leases().register(service, -1));
    }
    for (int i = 0; i < APPLICATIONS; i++) {
      applications.add(newApplication(random.nextInt(nodes.members().size())));
    }
  }

  private Application application(String name, List<Endpoint> at) {
    DiscoveryClient.Builder builder = DiscoveryClient.builder();
    at.forEach(builder::via);
    return new Application(name, builder.build(), at.size(), around);
  }

  /** Its nodes are reached through proxies. */
  private Application newApplication(int first) {
    List<Endpoint> proxies =
        nodes.three(first).stream()
            .map(member -> new Endpoint("127.0.0.1", member.proxy().port()))
            .toList();
    return application("application-" + clients.incrementAndGet(), proxies);
  }

  private void look() {
    try {
      patience.check();
      lookouts.forEach(lookout -> lookout.look(ledger));
      applications.forEach(Application::look);
      ledger.forget();
    } catch (RuntimeException e) {
      violations.add("harness", "looking failed: " + e);
    }
  }

  private void run(Duration duration) throws Exception {
    long until = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() - until < 0) {
      long troubleUntil = Math.min(until, System.nanoTime() + TROUBLE_NANOS);
      SplittableRandom operatorsOwn = random.split();
      Thread operator = new Thread(() -> operate(troubleUntil, operatorsOwn), "operator");
      operator.start();
      while (System.nanoTime() - troubleUntil < 0) {
        pause(MEAN_PAUSE_MILLIS, random);
        act(random.split());
        sayOnceAMinute();
      }
      operator.join();
      calm();
    }
  }

  private static void pause(int meanMillis, SplittableRandom random) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(random.nextInt(2 * meanMillis));
  }

  private void operate(long untilNanos, SplittableRandom own) {
    try {
      while (System.nanoTime() - untilNanos < 0) {
        pause(MEAN_NODE_PAUSE_MILLIS, own);
        nodeActs.incrementAndGet();
        nodes.trouble(own);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      violations.add("harness", "the operator: " + e);
    }
  }

  private void act(SplittableRandom own) {
    if (!permits.tryAcquire()) {
      return;
    }
    acts.incrementAndGet();
    workers.execute(
        () -> {
          try {
            act(SERVICES.get(own.nextInt(SERVICES.size())), own);
          } catch (InterruptedException | RuntimeException e) {
            violations.add("harness", "an act: " + e);
          } finally {
            permits.release();
          }
        });
  }

  private void act(String service, SplittableRandom own) throws InterruptedException {
    int index = own.nextInt(applications.size());
    Application application = applications.get(index);
    int drawn = own.nextInt(115);
    if (drawn < 100) {
      application.act(service, drawn, own.nextInt(own.nextBoolean() ? 50 : 1_500), own);
    } else if (drawn < 114) {
      List<Embedded> here = nodes.embedded();
      if (!here.isEmpty()) {
        here.get(own.nextInt(here.size())).act(service);
      }
    } else {
      applications.set(index, newApplication(own.nextInt(nodes.members().size())));
      application.close();
    }
  }

  /** Nothing new happens until everything is right everywhere, which must not take long. */
  private void calm() throws InterruptedException {
    long began = time.nanos();
    Set<String> wrong;
    do {
      TimeUnit.MILLISECONDS.sleep(250);
      wrong = new TreeSet<>();
      for (Lookout lookout : lookouts) {
        wrong.addAll(lookout.difference(ledger));
      }
      sayOnceAMinute();
    } while (!wrong.isEmpty() && time.nanos() - began < SETTLED.toNanos());
    if (!wrong.isEmpty()) {
      violations.add("unsettled", SETTLED.toSeconds() + " s after the trouble: " + wrong);
    }
    vitals.add(Vitals.Sample.now());
  }

  private void sayOnceAMinute() {
    if (System.nanoTime() - saidNanos < MINUTE_NANOS) {
      return;
    }
    saidNanos += MINUTE_NANOS;
    out.accept(
        at()
            + "%d acts, %d of operators, %d under way; %d wanted; broken: %s; %s; %.0f %% of a core"
                .formatted(
                    acts.get(),
                    nodeActs.get(),
                    patience.underWay(),
                    SERVICES.stream().mapToLong(ledger::wanted).sum(),
                    violations.counts(),
                    Vitals.Sample.now(),
                    100.0 * Vitals.cpuNanos() / time.nanos()));
  }

  private void report() {
    List<String> held = vitals.rows(violations);
    out.accept("");
    patience.rows().forEach(out);
    out.accept("");
    out.accept("| in calms | first quarter | last quarter |");
    out.accept("|---|---|---|");
    held.forEach(out);
    out.accept("");
    out.accept(
        "%d acts, %d of operators; broken: %s"
            .formatted(
                acts.get(),
                nodeActs.get(),
                violations.counts().isEmpty() ? "nothing" : violations.counts()));
  }

  @Override
  public void close() throws InterruptedException {
    looking.shutdownNow();
    lookouts.forEach(Lookout::close);
    steady.forEach(Application::close);
    applications.forEach(Application::close);
    timer.shutdownNow();
    workers.shutdownNow();
    nodes.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }
}
