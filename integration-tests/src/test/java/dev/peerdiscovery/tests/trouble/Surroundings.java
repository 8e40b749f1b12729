package dev.peerdiscovery.tests.trouble;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What all applications share. */
record Surroundings(
    Ledger ledger,
    Patience patience,
    Violations violations,
    RunningTime time,
    ScheduledExecutorService timer,
    Supplier<Door> doors) {
  /** So long a server goes on after its lease, so that a lease that leaks is seen. */
  private static final long DOOR_SECONDS = 60;

  /** An instance is over; its server goes on for a while. */
  void end(int number, Door door) {
    ledger.reject(number);
    timer.schedule(() -> closeQuietly(door), DOOR_SECONDS, TimeUnit.SECONDS);
  }

  private static void closeQuietly(Door door) {
    try {
      door.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
