package dev.peerdiscovery.node.cli;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * SIGTERM, SIGHUP and SIGINT, as something to wait for: the first asks the process to end, and a
 * second SIGTERM or SIGINT ends it at once. A terminal that closes sends SIGHUP, often more than
 * once, so a second one of these changes nothing. Where SIGHUP is ignored, as under {@code nohup},
 * it stays ignored.
 *
 * <p>By reflection, because the JDK's only way to them is a class that the compiler warns of. Where
 * it is missing, the process ends at once, as processes do.
 */
final class StopSignal implements AutoCloseable {
  private final CompletableFuture<ExitCode> received = new CompletableFuture<>();
  private final Map<String, Object> previousHandlers = new HashMap<>();

  /** Takes the signals over until this is closed. */
  static StopSignal install() {
    StopSignal stop = new StopSignal();
    stop.takeOver("TERM", () -> stop.stop(ExitCode.OK));
    stop.takeOver("INT", () -> stop.stop(ExitCode.INTERRUPTED));
    stop.takeOver("HUP", stop::hangUp);
    return stop;
  }

  /** Completes at the first signal, with what to end the process with. */
  CompletableFuture<ExitCode> received() {
    return received;
  }

  private void takeOver(String signal, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      previousHandlers.put(signal, handle(signal, handler));
    } catch (ReflectiveOperationException | LinkageError e) {
      // Also where the system has no such signal.
      // Then the signal does what it does without us.
      previousHandlers.remove(signal);
    }
  }

  private static Object handle(String signal, Object handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Object instance = type.getConstructor(String.class).newInstance(signal);
    return type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, instance, handler);
  }

  /** What comes as often as it likes. */
  void hangUp() {
    received.complete(ExitCode.OK);
  }

  private void stop(ExitCode code) {
    if (!received.complete(code)) {
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
    }
  }

  @Override
  public void close() {
    previousHandlers.forEach(
        (signal, handler) -> {
          try {
            handle(signal, handler);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot give SIG" + signal + " back", e);
          }
        });
  }
}
