package dev.peerdiscovery.tests.trouble;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The nodes, what their processes do with them, and what their operator does to them. One thread at
 * a time stops and starts nodes; the rest is thread-safe.
 */
final class Nodes implements AutoCloseable {
  private static final int IN_THIS_JVM = 5;
  private static final int PROCESSES = 1;

  private final List<Member> members = new ArrayList<>();
  private final Map<Member, Embedded> embedded = new ConcurrentHashMap<>();
  private final Surroundings around;
  private final SplittableRandom random;

  /** None of them runs yet. */
  Nodes(Surroundings around, Path directory, EventLoopGroup loop, SplittableRandom random)
      throws IOException, InterruptedException {
    this.around = around;
    this.random = random;
    for (int i = 0; i < IN_THIS_JVM + PROCESSES; i++) {
      boolean isProcess = i >= IN_THIS_JVM;
      CuttingProxy proxy = new CuttingProxy(loop, freePort());
      members.add(
          new Member("node-" + i, proxy, i % 2 == 0, isProcess, directory, around, random.split()));
    }
  }

  /** Below those that the system gives away, so that no connection takes one while it is free. */
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

  List<Member> members() {
    return members;
  }

  /** The processes in which nodes run now. */
  List<Embedded> embedded() {
    return List.copyOf(embedded.values());
  }

  /** The nodes that an application of this number is given. */
  List<Member> three(int first) {
    List<Member> three = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      three.add(members.get((first + i) % members.size()));
    }
    return three;
  }

  void start() throws Exception {
    for (Member member : members) {
      start(member);
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

  /** Does something to a node or to the way to it, and mends it again. */
  void trouble(SplittableRandom own) throws Exception {
    int first = own.nextInt(members.size());
    Member member = members.get(first);
    switch (own.nextInt(10)) {
      case 0, 1, 2 -> restart(List.of(member), true, own);
      case 3 -> restart(three(first).subList(0, 2), true, own);
      case 4 -> restart(List.of(member), false, own);
      case 5, 6 -> member.proxy().cut();
      case 7 -> member.proxy().cutEverySecond();
      default -> {
        member.proxy().hold();
        TimeUnit.MILLISECONDS.sleep(own.nextInt(6_000));
        if (own.nextBoolean()) {
          member.proxy().cut();
        }
        member.proxy().release();
      }
    }
  }

  private void restart(List<Member> all, boolean abruptly, SplittableRandom own) throws Exception {
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

  @Override
  public void close() throws InterruptedException {
    for (Member member : members) {
      member.proxy().close();
      member.kill();
    }
  }
}
