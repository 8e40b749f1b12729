package dev.peerdiscovery.tests.load;

import dev.peerdiscovery.core.record.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The callers of {@link FloodLoad}, in a JVM of their own, each with a connection of its own. It
 * reads lines of {@code SECONDS FLOOD_PER_SECOND}, and answers each with what the ten and the
 * flooder came to.
 */
final class FloodGenerator {
  private FloodGenerator() {}

  /** Takes the node's port. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i <= FloodLoad.HONEST; i++) {
      channels.add(LoadedServer.channel(port, Optional.empty()));
    }
    List<byte[]> requests = LoadGenerator.requests(new Endpoint("127.0.0.1", port));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      System.out.println(
          phase(requests, channels, Integer.parseInt(words[0]), Integer.parseInt(words[1])));
    }
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private static String phase(
      List<byte[]> requests, List<ManagedChannel> channels, int seconds, int floodPerSecond)
      throws InterruptedException {
    MethodDescriptor<byte[], Integer> method = Raw.sized(FloodLoad.findNode());
    List<Paced> honest = new ArrayList<>();
    for (ManagedChannel channel : channels.subList(0, FloodLoad.HONEST)) {
      honest.add(new Paced(method, requests, channel, FloodLoad.HONEST_PER_SECOND, seconds));
    }
    Paced flood =
        new Paced(method, requests, channels.get(FloodLoad.HONEST), floodPerSecond, seconds);
    long fromNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < FloodLoad.HONEST; i++) {
      Paced one = honest.get(i);
      // Not all at the same moment.
      long offset = i * TimeUnit.SECONDS.toNanos(1) / FloodLoad.HONEST_PER_SECOND / 10;
      threads.add(new Thread(() -> one.run(fromNanos + offset)));
    }
    threads.add(new Thread(() -> flood.run(fromNanos)));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    return Paced.Sum.of(honest).line() + ";" + Paced.Sum.of(List.of(flood)).line();
  }
}
