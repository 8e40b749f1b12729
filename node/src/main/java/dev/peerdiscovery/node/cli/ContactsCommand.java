package dev.peerdiscovery.node.cli;

import dev.peerdiscovery.core.record.Endpoint;
import dev.peerdiscovery.core.record.PeerRecord;
import dev.peerdiscovery.proto.MalformedMessageException;
import dev.peerdiscovery.proto.RecordCodec;
import dev.peerdiscovery.proto.admin.v1.AdminServiceGrpc;
import dev.peerdiscovery.proto.admin.v1.Contact;
import dev.peerdiscovery.proto.admin.v1.ListContactsRequest;
import dev.peerdiscovery.proto.admin.v1.ListContactsResponse;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists whom a node knows. */
@Command(
    name = "contacts",
    description = "List the contacts in a node's routing table, nearest first.",
    footer = {"  peer contacts", "  peer contacts --via 127.0.0.1:7413 --json"})
final class ContactsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final OperatedNode node = new OperatedNode();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ContactsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws MalformedMessageException {
    Logs.quiet(console);
    ListContactsResponse response = node.ask(console, ContactsCommand::question);
    List<Map<String, Object>> contacts = new ArrayList<>();
    TextTable table = new TextTable("ID", "ENDPOINT", "BUCKET", "ROUND TRIP", "SEEN", "FAILURES");
    for (Contact contact : response.getContactsList()) {
      PeerRecord record = RecordCodec.decode(contact.getRecord()).content();
      contacts.add(json(contact, record).fields());
      table.add(
          record.id(),
          record.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(", ")),
          contact.getBucket(),
          contact.hasRtt() ? Times.millis(duration(contact.getRtt())) : "-",
          Times.rough(duration(contact.getSinceSeen())) + " ago",
          contact.getFailures());
    }
    if (json) {
      console.out().println(Json.text(contacts));
    } else if (contacts.isEmpty()) {
      console.out().println("no contacts");
    } else {
      console.out().print(table);
    }
    return ExitCode.OK.code();
  }

  private static ListContactsResponse question(Channel channel) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .listContacts(ListContactsRequest.getDefaultInstance());
  }

  private static Json json(Contact contact, PeerRecord record) {
    Json json =
        new Json()
            .put("id", record.id().toString())
            .put("endpoints", record.endpoints().stream().map(Endpoint::toString).toList())
            .put("bucket", contact.getBucket())
            .put("sinceSeenMillis", Times.toMillis(duration(contact.getSinceSeen())))
            .put("failures", contact.getFailures());
    if (contact.hasRtt()) {
      json.put("roundTripMillis", Times.toMillis(duration(contact.getRtt())));
    }
    return json;
  }

  private static Duration duration(com.google.protobuf.Duration message) {
    return Duration.ofSeconds(message.getSeconds(), message.getNanos());
  }
}
