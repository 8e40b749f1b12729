package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.client.DiscoveryClient;
import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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
 * is looked at all the time; what is broken is said at once, with when and where.
 */
public final class Trouble implements AutoCloseable {
  static final Duration LOST = Duration.ofSeconds(30);

  /** A TTL, a grace of the same length, and as much again as a node takes to start. */
  static final Duration GONE = Duration.ofSeconds(35);

  private static final Duration SETTLED = GONE.plusSeconds(10);
  private static final List<String> SERVICES = List.of("orders", "billing", "stock");
  private static final int NODES = 5;
  private static final int PROCESSES = 1;
  private static final int STEADY = 3;
  private static final int APPLICATIONS = 5;
  private static final int MOST_LEASES = 6;
  private static final int MOST_WATCHES = 5;
  private static final int ACTS_AT_ONCE = 32;
  private static final int MEAN_PAUSE_MILLIS = 130;
  private static final long TROUBLE_NANOS = TimeUnit.SECONDS.toNanos(40);

  private final Consumer<String> out;
  private final SplittableRandom random;
  private final RunningTime time = new RunningTime(System::nanoTime);
  private final Violations violations;
  private final Ledger ledger;
  private final Patience patience;
  private final Vitals vitals = new Vitals();
  private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(2);
  private final ScheduledThreadPoolExecutor looking = new ScheduledThreadPoolExecutor(1);
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Semaphore permits = new Semaphore(ACTS_AT_ONCE);
  private final Application.Surroundings around;
  private final List<Member> members = new ArrayList<>();
  private final Map<Member, Embedded> embedded = new ConcurrentHashMap<>();
  private final List<Application> steady = new ArrayList<>();
  private final List<Application> applications = new CopyOnWriteArrayList<>();
  private final List<Lookout> lookouts = new CopyOnWriteArrayList<>();
  private final AtomicInteger acts = new AtomicInteger();
  private final AtomicInteger nodeActs = new AtomicInteger();
  private int clients;
  private volatile boolean over;

  private Trouble(long seed, Path directory, Consumer<String> out) throws Exception {
    this.out = out;
    this.random = new SplittableRandom(seed);
    this.violations = new Violations(what -> out.accept(at() + what));
    this.ledger = new Ledger(time, violations, LOST, GONE);
    this.patience = new Patience(time, violations);
    this.around =
        new Application.Surroundings(ledger, patience, violations, time, timer, this::door);
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    for (int i = 0; i < NODES + PROCESSES; i++) {
      members.add(
          new Member(
              i,
              freePort(),
              i % 2 == 0,
              i >= NODES,
              directory,
              loop,
              patience,
              time,
              random.split()));
    }
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
    return String.format(
        Locale.ROOT, "%d:%02d:%02d ", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /**
   * Below those that the system gives away, so that no connection takes it while a node is down.
   */
  private int freePort() throws IOException {
    for (int tries = 0; tries < 1_000; tries++) {
      int port = random.nextInt(15_000, 30_000);
      try (ServerSocket free = new ServerSocket()) {
        free.bind(new InetSocketAddress("127.0.0.1", port));
        return port;
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
    throw new IOException("no port between 15000 and 30000 is free");
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
    for (Member member : members) {
      start(member);
    }
    members.forEach(member -> lookouts.add(new Lookout(member, SERVICES)));
    for (int i = 0; i < STEADY; i++) {
      List<Endpoint> nodes = new ArrayList<>();
      for (int j = 0; j < 3; j++) {
        nodes.add(members.get((2 * i + j) % members.size()).endpoint());
      }
      Application application = application("steady-" + i, nodes);
      steady.add(application);
      SERVICES.forEach(application::register);
    }
    for (int i = 0; i < APPLICATIONS; i++) {
      applications.add(newApplication());
    }
  }

  private void start(Member member) throws Exception {
    List<Endpoint> seeds =
        members.stream().filter(other -> other != member).map(Member::endpoint).toList();
    member.start(seeds);
    member
        .node()
        .ifPresent(
            node -> embedded.put(member, new Embedded(member, node, around, random.split())));
  }

  private Application application(String name, List<Endpoint> nodes) {
    DiscoveryClient.Builder builder = DiscoveryClient.builder();
    nodes.forEach(builder::via);
    return new Application(name, builder.build(), nodes.size(), around);
  }

  /** Its nodes are reached through proxies. */
  private synchronized Application newApplication() {
    int first = random.nextInt(members.size());
    List<Endpoint> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Member member = members.get((first + i) % members.size());
      nodes.add(new Endpoint("127.0.0.1", member.proxy.port()));
    }
    return application("application-" + clients++, nodes);
  }

  private void look() {
    try {
      patience.check();
      lookouts.forEach(lookout -> lookout.look(ledger));
      steady.forEach(Application::look);
      applications.forEach(Application::look);
      ledger.forget();
    } catch (RuntimeException e) {
      violations.add("harness", "looking failed: " + e);
    }
  }

  private void run(Duration duration) throws Exception {
    long until = System.nanoTime() + duration.toNanos();
    long saidAt = System.nanoTime();
    while (System.nanoTime() - until < 0) {
      long troubleUntil = Math.min(until, System.nanoTime() + TROUBLE_NANOS);
      Thread operator = new Thread(new Operator(random.split(), troubleUntil), "operator");
      operator.start();
      while (System.nanoTime() - troubleUntil < 0) {
        TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(2 * MEAN_PAUSE_MILLIS));
        act(random.split());
        if (System.nanoTime() - saidAt > TimeUnit.MINUTES.toNanos(1)) {
          saidAt += TimeUnit.MINUTES.toNanos(1);
          say();
        }
      }
      operator.join();
      calm();
    }
  }

  private void act(SplittableRandom own) {
    Application application = applications.get(own.nextInt(applications.size()));
    String service = SERVICES.get(own.nextInt(SERVICES.size()));
    int drawn = own.nextInt(100);
    int millis = own.nextInt(own.nextBoolean() ? 50 : 1_500);
    if (permits.tryAcquire()) {
      acts.incrementAndGet();
      workers.execute(
          () -> {
            try {
              act(application, service, drawn, millis, own);
            } catch (Exception e) {
              violations.add("harness", "act " + drawn + ": " + e);
            } finally {
              permits.release();
            }
          });
    }
  }

  private void act(
      Application application, String service, int drawn, int millis, SplittableRandom own)
      throws Exception {
    boolean hasRoom = application.leases() < MOST_LEASES;
    boolean mayWatch = application.watches() < MOST_WATCHES;
    if (drawn < 10 && hasRoom) {
      application.register(service);
    } else if (drawn < 16 && hasRoom) {
      application.registerInterrupted(service, millis);
    } else if (drawn < 22 && hasRoom) {
      application.registerCancelled(service, millis);
    } else if (drawn < 28 && hasRoom) {
      application.registerWithListener(service, own);
    } else if (drawn < 30) {
      application.registerWhereNothingListens(service, own.nextBoolean() ? millis : -1);
    } else if (drawn < 46) {
      application.closeLease(own);
    } else if (drawn < 50) {
      application.registerTwice(own, millis);
    } else if (drawn < 54) {
      application.toggleServer(own);
    } else if (drawn < 58 && mayWatch) {
      application.watch(service, own.nextBoolean() ? millis : -1);
    } else if (drawn < 61) {
      application.watchCancelled(service, millis);
    } else if (drawn < 67 && mayWatch) {
      application.watchWithListener(service, own, own.nextInt(3) > 0);
    } else if (drawn < 74) {
      application.closeWatch(own);
    } else if (drawn < 86) {
      application.resolve(service, own.nextInt(4) == 0 ? millis : -1);
    } else if (drawn < 88) {
      application.lookup(own);
    } else if (drawn < 99) {
      List<Embedded> here = List.copyOf(embedded.values());
      if (!here.isEmpty()) {
        here.get(own.nextInt(here.size())).act(service);
      }
    } else {
      applications.set(applications.indexOf(application), newApplication());
      application.close();
    }
  }

  /** Stops and starts nodes, and cuts and holds what leads to them. */
  private final class Operator implements Runnable {
    private final SplittableRandom own;
    private final long untilNanos;

    Operator(SplittableRandom own, long untilNanos) {
      this.own = own;
      this.untilNanos = untilNanos;
    }

    @Override
    public void run() {
      try {
        while (System.nanoTime() - untilNanos < 0 && !over) {
          TimeUnit.MILLISECONDS.sleep(1_000 + own.nextInt(4_000));
          Member member = members.get(own.nextInt(members.size()));
          nodeActs.incrementAndGet();
          act(member, own.nextInt(10));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        violations.add("harness", "operator: " + e);
      }
    }

    private void act(Member member, int drawn) throws Exception {
      switch (drawn) {
        case 0, 1, 2 -> restart(List.of(member), true);
        case 3 -> {
          Member next = members.get((members.indexOf(member) + 1) % members.size());
          restart(List.of(member, next), true);
        }
        case 4 -> restart(List.of(member), false);
        case 5, 6 -> member.proxy.cut();
        case 7 -> member.proxy.cut(0, 2);
        default -> {
          member.proxy.hold();
          TimeUnit.MILLISECONDS.sleep(own.nextInt(6_000));
          if (own.nextBoolean()) {
            member.proxy.cut();
          }
          member.proxy.release();
        }
      }
    }

    private void restart(List<Member> all, boolean abruptly) throws Exception {
      for (Member member : all) {
        Embedded application = embedded.remove(member);
        if (application != null) {
          application.over();
        }
        if (abruptly) {
          member.kill();
        } else {
          member.close();
        }
      }
      TimeUnit.MILLISECONDS.sleep(own.nextInt(4_000));
      for (Member member : all) {
        start(member);
      }
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
    } while (!wrong.isEmpty() && time.nanos() - began < SETTLED.toNanos());
    if (!wrong.isEmpty()) {
      violations.add("unsettled", SETTLED.toSeconds() + " s after the trouble: " + wrong);
    }
    vitals.add(Vitals.Sample.now());
  }

  private void say() {
    double cpu = 100.0 * Vitals.cpuNanos() / Math.max(1, time.nanos());
    out.accept(
        at()
            + String.format(
                Locale.ROOT,
                "%d acts, %d of nodes, %d under way; %d wanted; broken: %s; %s; %.0f %% of a core",
                acts.get(),
                nodeActs.get(),
                patience.underWay(),
                SERVICES.stream().mapToLong(ledger::wanted).sum(),
                violations.counts(),
                Vitals.Sample.now(),
                cpu));
  }

  private void report() {
    List<String> held = vitals.rows(violations);
    out.accept("");
    out.accept("| what | times | longest, ms | may take, ms | too long | how it ended |");
    out.accept("|---|---|---|---|---|---|");
    patience
        .sums()
        .forEach(
            (kind, sum) ->
                out.accept(
                    String.format(
                        Locale.ROOT,
                        "| %s | %,d | %,d | %,d | %d | %s |",
                        kind,
                        sum.count,
                        sum.longestNanos / 1_000_000,
                        sum.boundNanos / 1_000_000,
                        sum.hangs,
                        sum.outcomes)));
    out.accept("");
    out.accept("| in calms | first quarter | last quarter |");
    out.accept("|---|---|---|");
    held.forEach(out);
    out.accept("");
    out.accept(
        violations.counts().isEmpty() ? "nothing is broken" : "broken: " + violations.counts());
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    looking.shutdownNow();
    lookouts.forEach(Lookout::close);
    steady.forEach(Application::close);
    applications.forEach(Application::close);
    timer.shutdownNow();
    workers.shutdownNow();
    for (Member member : members) {
      member.end();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }
}
