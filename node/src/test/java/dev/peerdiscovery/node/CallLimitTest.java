package dev.peerdiscovery.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.message.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is refused names its limit, so that an operator knows what to change. */
class CallLimitTest {
  private static final Pattern FLAG = Pattern.compile("set by (--[a-z-]+)$");

  @Test
  void everyRefusal_isItsOwn_andNamesASettingThatThereIs() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    Set<String> details = new HashSet<>();
    for (CallLimit limit : CallLimit.values()) {
      Refusal refusal = limit.refusal(Limits.defaults());
      assertThat(details.add(refusal.detail())).as(refusal.detail()).isTrue();
      assertThat(refusal.detail().length()).isLessThan(200);
      assertThat(refusal.retryAfter()).isPositive();
      if (refusal.reason() == Refusal.Reason.OVERLOADED) {
        assertThat(refusal.detail()).matches("too many [a-z ]+: at most \\d+(, set by --[a-z-]+)?");
      }
      Matcher flag = FLAG.matcher(refusal.detail());
      if (flag.find()) {
        assertThat(readme).contains("| `" + flag.group(1) + " N` |");
      }
    }
  }

  @Test
  void valueIsTheOneThatIsSet() {
    Limits limits =
        Limits.builder()
            .connections(11)
            .connectionsPerAddress(12)
            .callsPerSecondPerPeer(13)
            .callsInFlightPerPeer(14)
            .callsPerSecondPerSubnet(15)
            .callsInFlightPerSubnet(16)
            .callsInFlight(17)
            .callsPerSecond(18)
            .healthPerSecondPerPeer(19)
            .build();
    assertThat(CallLimit.values())
        .extracting(limit -> limit.refusal(limits).detail().replaceAll("[^0-9]", ""))
        .containsExactly(
            "11", "12", "", "13", "14", "15", "16", "17", "18", "19", "190", "17", "18");
  }
}
