package dev.peerdiscovery.tests.containers;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy on this machine that hands on everything later, in either direction: a long way,
 * where no kernel can be asked to make one. What comes in at once is under way at once, as on a
 * real one.
 */
final class SlowLink implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final int targetPort;
  private final long delayNanos;
  private final ServerSocket listening;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Writes in the order of reading, since all wait for equally long. */
  private final ScheduledExecutorService writer = new ScheduledThreadPoolExecutor(1);

  /**
   * A link to a port of this machine.
   *
   * @param oneWay the delay in each direction
   */
  SlowLink(int targetPort, Duration oneWay) throws IOException {
    this.targetPort = targetPort;
    this.delayNanos = oneWay.toNanos();
    this.listening = new ServerSocket(0, 256);
    start("accept", this::accept);
  }

  /** Where it is reached, at any address of this machine. */
  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket caller = kept(listening.accept());
        Socket target = kept(new Socket(InetAddress.getByName("127.0.0.1"), targetPort));
        start("there", () -> pump(caller, target));
        start("back", () -> pump(target, caller));
      }
    } catch (IOException e) {
      close();
    }
  }

  private Socket kept(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    return socket;
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      OutputStream out = to.getOutputStream();
      for (int read = from.getInputStream().read(buffer);
          read >= 0;
          read = from.getInputStream().read(buffer)) {
        byte[] chunk = Arrays.copyOf(buffer, read);
        later(() -> out.write(chunk), to);
      }
      later(to::shutdownOutput, to);
    } catch (IOException e) {
      later(to::close, to);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void later(Writing writing, Socket to) {
    if (writer.isShutdown()) {
      return;
    }
    writer.schedule(
        () -> {
          try {
            writing.run();
          } catch (IOException e) {
            end(to);
          }
        },
        delayNanos,
        TimeUnit.NANOSECONDS);
  }

  private void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more, which is all that closing is for.
      sockets.remove(socket);
    }
  }

  private static void start(String name, Runnable run) {
    Thread thread = new Thread(run, "slow-link-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    writer.shutdownNow();
    try {
      listening.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    sockets.forEach(this::end);
  }
}
