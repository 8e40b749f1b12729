package dev.peerdiscovery.client;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls code of the application, such as a listener. What it throws is its own fault and ends
 * nothing of the library's: it is logged, and without a log it goes to the thread's handler of
 * uncaught exceptions, so that it is never lost. Errors of the virtual machine pass.
 */
final class HostCode {
  private static final Logger LOG = LoggerFactory.getLogger(HostCode.class);

  private HostCode() {}

  /**
   * Runs it.
   *
   * @param what what the log calls it
   */
  static void run(String what, Runnable code) {
    try {
      code.run();
    } catch (Throwable thrown) {
      passVirtualMachineErrors(thrown);
      report(what, thrown);
    }
  }

  /** Throws it when the virtual machine is in trouble; nothing can be promised then. */
  static void passVirtualMachineErrors(Throwable thrown) {
    if (thrown instanceof VirtualMachineError error) {
      throw error;
    }
  }

  /** Says it where it can be seen, and returns. */
  static void report(String what, Throwable thrown) {
    if (LOG.isErrorEnabled()) {
      LOG.error("{} threw; the library goes on", what, thrown);
    } else {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }
  }
}
