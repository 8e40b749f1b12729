package dev.peerdiscovery.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong on the command line gets one clear line and exit code 2. */
class UsageTest {
  private final Cli cli = new Cli();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          ofsets 13                          | unknown command 'ofsets' (did you mean 'offsets'?)
          frobnicate                         | unknown command 'frobnicate'; see: peer help
          --verison                          | unknown option '--verison' (did you mean '--version'?)
          offsets --jsn 13                   | unknown option '--jsn' (did you mean '--json'?)
          table --row=0..3                   | unknown option '--row' (did you mean '--rows'?)
          lookup --vai=127.0.0.1:1 13        | unknown option '--vai' (did you mean '--via'?)
          node --bootsrap a:1                | unknown option '--bootsrap' (did you mean '--bootstrap'?)
          node extra                         | unexpected argument 'extra'; see: peer help node
          offsets                            | missing required parameter: 'ID'; see: peer help offsets
          offsets -1                         | id: negative; an id is
          offsets 1 2                        | unexpected argument '2'
          offsets 12x                        | id: neither decimal nor 64 hex digits
          offsets 4294967296                 | id: too large for decimal
          table --rows 5..2                  | '--rows': range: the first id is above the last
          table --rows 0..5000               | '--rows': range: more than 1024 ids
          ping                               | missing required parameter: 'HOST:PORT'
          ping 127.0.0.1                     | endpoint: no port
          ping 127.0.0.1:70000               | port: must be 1 to 65535, got 70000
          ping 127.0.0.1:-1                  | port: must be 1 to 65535, got -1
          register orders http://127.0.0.1:80 | endpoint: it has a scheme
          ping ::1:7400                      | endpoint: IPv6 without brackets
          ping a:1 --scope pubic             | must be private or public or loopback (did you mean 'public'?)
          ping a:1 --network a/b             | network: the name must be 1 to 64 letters
          lookup --via a:1,:2 13             | host: empty
          register orders                    | missing required parameter: 'HOST:PORT'
          register orders 127.0.0.1          | endpoint: no port
          register -a 127.0.0.1:8080         | unknown option '-a'
          register a/b 127.0.0.1:8080        | service: the name must be 1 to 128 letters
          register orders a:1 --ttl 9s       | ttl: must be 10 s to 24 h, in whole seconds
          register orders a:1 --ttl 25h      | ttl: must be 10 s to 24 h, in whole seconds
          register orders a:1 --ttl soon     | a time is a number with ms, s, m, h or d
          register orders a:1 --check htp    | must be tcp or health or none
          register orders a:1 --metadata zone| should be in KEY=VALUE format but was zone
          register orders a:1 --metadata =x  | metadata: an empty key
          resolve                            | missing required parameter: 'SERVICE'
          resolve a/b                        | service: the name must be 1 to 128 letters
          resolve orders --namespace a/b     | namespace: must be 1 to 64 letters
          resolve orders --via a             | endpoint: no port
          watch orders --via a:0             | port: must be 1 to 65535, got 0
          watch a/b                          | service: the name must be 1 to 128 letters
          demo --peers 1                     | --peers: must be 2 to 1024, got 1
          demo --peers 1025                  | --peers: must be 2 to 1024, got 1025
          demo --peers many                  | 'many' is not an int
          completion fish                    | expected one of [bash, zsh]
          node --id 1 --id 2                 | option '--id' (ID) should be specified only once
          node --listen                      | missing required parameter for option '--listen'
          """)
  void saysWhatIsWrong(String line, String message) {
    assertThat(cli.run(line.split(" "))).isEqualTo(2);
    assertThat(cli.errLines()).hasSize(1);
    assertThat(cli.err()).startsWith("peer: ").contains(message);
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void whatIsRepeatedIsShortAndHarmless() {
    String host = "a".repeat(1024 * 1024);
    assertThat(cli.run("ping", host + ":1")).isEqualTo(2);
    assertThat(cli.run("ping", "a\nb\u001B[31m:1")).isEqualTo(2);
    assertThat(cli.run("x\r\n\u0000" + host)).isEqualTo(2);
    assertThat(cli.errLines()).hasSize(3).allMatch(line -> line.length() < 1000);
    assertThat(cli.err().replace("\n", "").chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void debuggingShowsWhereAnErrorComesFrom() {
    cli.with("PEER_DEBUG", "1");
    assertThat(cli.run("offsets")).isEqualTo(2);
    assertThat(cli.err()).contains("\tat ");
  }
}
