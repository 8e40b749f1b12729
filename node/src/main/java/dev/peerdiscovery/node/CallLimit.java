package dev.peerdiscovery.node;

import dev.peerdiscovery.core.message.Refusal;
import java.util.Locale;

/**
 * Why {@link Admission} refuses a call, and what it then says: the limit, its value, its setting.
 */
enum CallLimit {
  CONNECTIONS,
  CONNECTIONS_OF_ADDRESS,
  QUARANTINE,
  PEER,
  PEER_IN_FLIGHT,
  SUBNET,
  SUBNET_IN_FLIGHT,
  IN_FLIGHT,
  TOTAL,
  HEALTH,
  SUBNET_HEALTH,
  APPLICATIONS_IN_FLIGHT,
  APPLICATIONS;

  /** What a caller is told. */
  Refusal refusal(Limits limits) {
    return switch (this) {
      case CONNECTIONS -> tooMany("connections in all", limits.connections(), "connections");
      case CONNECTIONS_OF_ADDRESS ->
          tooMany(
              "connections of one address",
              limits.connectionsPerAddress(),
              "connections-per-address");
      case QUARANTINE ->
          new Refusal(
              Refusal.Reason.QUARANTINED,
              "too many malformed requests of one caller",
              limits.quarantine());
      case PEER ->
          tooMany(
              "calls a second of one caller", limits.callsPerSecondPerPeer(), "calls-per-second");
      case PEER_IN_FLIGHT ->
          tooMany("calls under way of one caller", limits.callsInFlightPerPeer(), "");
      case SUBNET ->
          tooMany(
              "calls a second of one subnet",
              limits.callsPerSecondPerSubnet(),
              "subnet-calls-per-second");
      case SUBNET_IN_FLIGHT ->
          tooMany("calls under way of one subnet", limits.callsInFlightPerSubnet(), "");
      case IN_FLIGHT -> tooMany("calls under way in all", limits.callsInFlight(), "");
      case TOTAL ->
          tooMany("calls a second in all", limits.callsPerSecond(), "total-calls-per-second");
      case HEALTH ->
          tooMany("health checks a second of one caller", limits.healthPerSecondPerPeer(), "");
      case SUBNET_HEALTH ->
          tooMany("health checks a second of one subnet", limits.healthPerSecondPerSubnet(), "");
      case APPLICATIONS_IN_FLIGHT ->
          tooMany("calls under way of applications in all", limits.callsInFlight(), "");
      case APPLICATIONS ->
          tooMany(
              "calls a second of applications in all",
              limits.callsPerSecond(),
              "total-calls-per-second");
    };
  }

  private static Refusal tooMany(String what, int most, String flag) {
    String setBy = flag.isEmpty() ? "" : ", set by --" + flag;
    return new Refusal(
        Refusal.Reason.OVERLOADED,
        String.format(Locale.ROOT, "too many %s: at most %d%s", what, most, setBy));
  }
}
