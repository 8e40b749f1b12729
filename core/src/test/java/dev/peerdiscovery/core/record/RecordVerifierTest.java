package dev.peerdiscovery.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peerdiscovery.core.Peers;
import dev.peerdiscovery.core.id.NodeId;
import dev.peerdiscovery.core.record.RecordVerifier.Left;
import dev.peerdiscovery.core.record.RecordVerifier.Reason;
import dev.peerdiscovery.core.record.RecordVerifier.Refused;
import dev.peerdiscovery.core.record.RecordVerifier.Verdict;
import dev.peerdiscovery.core.record.RecordVerifier.Verified;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordVerifierTest {
  private static final NodeId ID = NodeId.of(13);

  private final RecordVerifier verifier =
      RecordVerifier.assigned("test", AddressPolicy.of(Scope.PRIVATE, false));

  @Test
  void verify_makesAContact_withTheRecordAsItCame() {
    SignedPeerRecord record = record("test", "10.0.0.1:7400");

    Contact contact = ((Verified) verifier.verify(record)).contact();

    assertThat(contact.record()).isSameAs(record);
    assertThat(contact.id()).isEqualTo(ID);
    assertThat(contact.endpoint()).isEqualTo(Endpoint.parse("10.0.0.1:7400"));
    assertThat(contact).hasToString("13@10.0.0.1:7400");
  }

  @Test
  void verify_takesTheFirstEndpoint_thatThePolicyAllows() {
    SignedPeerRecord record =
        record("test", "127.0.0.1:1", "169.254.169.254:80", "10.0.0.2:2", "10.0.0.3:3");

    Contact contact = ((Verified) verifier.verify(record)).contact();

    assertThat(contact.endpoint()).isEqualTo(Endpoint.parse("10.0.0.2:2"));
  }

  @Test
  void verify_refuses_whenThePolicyAllowsNoEndpoint() {
    assertThat(verifier.verify(record("test", "127.0.0.1:1", "0.0.0.0:2")))
        .isEqualTo(new Refused(Reason.ADDRESS_NOT_ALLOWED));
  }

  @Test
  void verify_says_whenThePeerHasLeft() {
    SignedPeerRecord record = record("test");

    assertThat(verifier.verify(record)).isEqualTo(new Left(record));
  }

  @Test
  void verify_refusesAnotherNetwork_evenAFarewell() {
    Verdict refused = new Refused(Reason.OTHER_NETWORK);

    assertThat(verifier.verify(record("Test", "10.0.0.1:7400"))).isEqualTo(refused);
    assertThat(verifier.verify(record("other"))).isEqualTo(refused);
  }

  @Test
  void verify_refusesKeyAndSignature_whereIdsAreAssigned() {
    Bytes some = Bytes.copyOf(new byte[] {1});
    PeerRecord content = record("test", "10.0.0.1:7400").content();
    PeerRecord farewell = record("test").content();

    for (PeerRecord claim : List.of(content, farewell)) {
      assertThat(verifier.verify(new SignedPeerRecord(claim, Bytes.EMPTY, some, Bytes.EMPTY)))
          .isEqualTo(new Refused(Reason.OTHER_IDENTITY));
      assertThat(verifier.verify(new SignedPeerRecord(claim, Bytes.EMPTY, Bytes.EMPTY, some)))
          .isEqualTo(new Refused(Reason.OTHER_IDENTITY));
    }
  }

  @Test
  void verify_ofOneWhoAnswered_staysWhereItWasDialled() {
    SignedPeerRecord record = record("test", "10.0.0.1:1", "10.0.0.2:2");

    Verdict verdict = verifier.verify(record, Endpoint.parse("10.0.0.2:2"));

    assertThat(((Verified) verdict).contact())
        .isEqualTo(new Contact(record, Endpoint.parse("10.0.0.2:2")));
  }

  @Test
  void verify_ofOneWhoAnswered_refusesAnEndpointThatItDoesNotAdvertise_orThatIsNotAllowed() {
    Verdict refused = new Refused(Reason.ADDRESS_NOT_ALLOWED);
    SignedPeerRecord record = record("test", "10.0.0.1:1", "127.0.0.1:1");

    assertThat(verifier.verify(record, Endpoint.parse("10.0.0.1:2"))).isEqualTo(refused);
    assertThat(verifier.verify(record, Endpoint.parse("127.0.0.1:1"))).isEqualTo(refused);
    assertThat(verifier.verify(record("other", "10.0.0.1:1"), Endpoint.parse("10.0.0.1:1")))
        .isEqualTo(new Refused(Reason.OTHER_NETWORK));
    assertThat(verifier.verify(record("test"), Endpoint.parse("10.0.0.1:1")))
        .isEqualTo(new Left(record("test")));
  }

  @Test
  void contacts_areEqual_whenRecordAndEndpointAre() {
    SignedPeerRecord record = record("test", "10.0.0.1:1", "10.0.0.2:2");
    Contact one = new Contact(record, Endpoint.parse("10.0.0.1:1"));

    assertThat(one)
        .isEqualTo(new Contact(record("test", "10.0.0.1:1", "10.0.0.2:2"), one.endpoint()))
        .hasSameHashCodeAs(new Contact(record, one.endpoint()))
        .isNotEqualTo(new Contact(record, Endpoint.parse("10.0.0.2:2")))
        .isNotEqualTo(new Contact(record("test", "10.0.0.1:1"), one.endpoint()));
  }

  private static SignedPeerRecord record(String network, String... endpoints) {
    List<Endpoint> parsed = Stream.of(endpoints).map(Endpoint::parse).toList();
    return Peers.record(new PeerRecord(ID, parsed, 1, network));
  }
}
