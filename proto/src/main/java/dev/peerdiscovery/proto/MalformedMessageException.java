package dev.peerdiscovery.proto;

import dev.peerdiscovery.core.message.Refusal;

/**
 * A message from a remote breaks a rule of the protocol. The message has the form {@code FIELD:
 * reason}, where the field is a path such as {@code caller.record.id}; it never repeats what the
 * remote sent, numbers aside, so it may be logged and sent back.
 *
 * <p>Carries no stack trace: a stranger decides how often one is made.
 */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  private final String complaint;

  MalformedMessageException(String complaint) {
    super(complaint, null, false, false);
    this.complaint = complaint;
  }

  /**
   * A complaint about a field.
   *
   * @param reason what is wrong, without anything that the remote sent
   */
  public MalformedMessageException(String field, String reason) {
    this(field + ": " + reason);
  }

  /** The same complaint, about a part of {@code field} where it is not about that field itself. */
  MalformedMessageException in(String field) {
    return complaint.startsWith(field + ":")
        ? this
        : new MalformedMessageException(field + "." + complaint);
  }

  @Override
  public String getMessage() {
    return complaint;
  }

  /** What to answer to a request that is malformed. */
  public Refusal refusal() {
    return new Refusal(Refusal.Reason.MALFORMED, complaint);
  }
}
