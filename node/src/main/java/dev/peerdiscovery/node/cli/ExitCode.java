package dev.peerdiscovery.node.cli;

/** What the process ends with, for scripts. */
enum ExitCode {
  /** All is well. */
  OK(0, "done"),
  /** Something went wrong that should not. */
  UNEXPECTED(1, "an unexpected error; demo: what was recorded is not the table"),
  /** The command line, the environment or the configuration file is wrong. */
  USAGE(2, "wrong usage or configuration"),
  /** The data directory, or the identity in it, cannot be used. */
  STORAGE(3, "the data directory or the identity in it cannot be used"),
  /** A server cannot listen at its address. */
  LISTEN(4, "cannot listen"),
  /** No peer could be reached, or those that were have no time. */
  UNREACHABLE(5, "the network cannot be reached"),
  /** What was searched for does not exist. */
  NOT_FOUND(6, "not found"),
  /** A peer, or a policy of our own, said no. */
  REFUSED(7, "refused: by policy, or by a peer of another network"),
  /** SIGINT: Ctrl-C. */
  INTERRUPTED(130, "interrupted");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  int code() {
    return code;
  }

  String meaning() {
    return meaning;
  }
}
